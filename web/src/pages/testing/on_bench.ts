// Whether a tube may go onto a plate of this laboratory, by what is known of it: the same order of questions as the server's.

import type { TubeView } from '../../lib/testing'

export type BenchFault = 'unknown' | 'elsewhere' | 'rejected' | 'reported' | 'plated'

export function benchFault(tube: Pick<TubeView, 'laboratory' | 'received' | 'rejected' | 'reported' | 'run'>, laboratory: string): BenchFault | null {
  if (tube.laboratory !== laboratory || tube.received === null) return 'elsewhere'
  if (tube.rejected !== null) return 'rejected'
  if (tube.reported !== null) return 'reported'
  return tube.run !== null ? 'plated' : null
}
