// What is said about a run: what each well shows, whom its report holds, and what somebody still has to do.

import type { Call, TubeView, WellView } from '../../lib/testing'

/** Beside the colour, so that a well is read without it. */
export const SYMBOL: Record<Call, string> = { negative: '−', positive: '+', grey: '?', single_target: '1', invalid: '×' }

export const isSignal = (call: Call | null) => call === 'positive' || call === 'grey' || call === 'single_target'

export type Shown = Call | 'control' | 'unread' | 'differs' | 'empty'

/** Two readers who differ have not called it. */
export function shownOf(well: WellView | undefined): Shown {
  if (!well) return 'empty'
  if (well.control) return 'control'
  if (!well.first) return 'unread'
  return well.second && well.second !== well.first ? 'differs' : well.first
}

/** Signals that another person has not read yet. */
export const unread = (wells: WellView[]) => wells.filter((well) => well.tube && isSignal(well.first) && !well.second)

/** Tubes whose people are told something when the run is reported. */
export const telling = (wells: WellView[]) =>
  wells.filter((well) => well.tube && well.first && well.first !== 'negative').map((well) => ({ tube: well.tube!, call: well.first! }))

export interface Effect {
  /** Held until they are sampled alone. */
  held: number
  /** Sampled again because nothing can be said of their tube. */
  repeat: number
  /** A tube of one person, positive: found. */
  found: number
  /** Held already, sampled alone: what this run says of them. */
  again: number
}

/** What a report does to people, by the tubes whose call is not negative. */
export function effectOf(tubes: { call: Call; view: Pick<TubeView, 'people' | 'again'> }[]): Effect {
  const effect: Effect = { held: 0, repeat: 0, found: 0, again: 0 }
  for (const { call, view } of tubes) {
    const people = view.people.length
    if (view.again !== null) effect.again += 1
    else if (call === 'invalid') effect.repeat += people
    else if (call === 'positive' && people === 1) effect.found += 1
    else effect.held += people
  }
  return effect
}

export const countCalls = (wells: WellView[]): Map<Call, number> => {
  const counts = new Map<Call, number>()
  for (const well of wells) if (well.tube && well.first) counts.set(well.first, (counts.get(well.first) ?? 0) + 1)
  return counts
}
