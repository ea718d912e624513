// The books of a round as a funnel of equal numbers: what came to each stage, what should have, and which part of the gap has
// time left.

import { csv, type Cell } from '../../lib/csv'
import type { Books, Difference, Stages } from '../../lib/testing'

export interface Stage {
  stage: 'registered' | 'received' | 'run' | 'reported'
  n: number
  /** What came to the stage before, and was fit. */
  expected: number
  /** Of what is missing: under way, and not late. */
  open: number
  /** What nothing explains; below 0 when more came out than went in. */
  left: number
}

export function funnel(stages: Stages): Stage[] {
  const fit = stages.received - stages.rejected
  const row = (stage: Stage['stage'], n: number, expected: number, mayWait: number): Stage => {
    const gap = expected - n
    const open = Math.max(0, Math.min(gap, mayWait))
    return { stage, n, expected, open, left: gap - open }
  }
  const received = row('received', stages.received, stages.registered, stages.under_way)
  const run = row('run', stages.run, fit, stages.in_laboratory)
  return [
    { stage: 'registered', n: stages.registered, expected: stages.registered, open: 0, left: 0 },
    received,
    run,
    row('reported', stages.reported, stages.run, Math.max(0, stages.in_laboratory - run.open)),
  ]
}

/** By kind, in the order given; kinds without a difference are left out. */
export function byKind(differences: Difference[], kinds: readonly Difference['kind'][]): { kind: Difference['kind']; rows: Difference[]; tubes: number }[] {
  return kinds
    .map((kind) => {
      const rows = differences.filter((one) => one.kind === kind)
      return { kind, rows, tubes: rows.reduce((sum, one) => sum + one.count, 0) }
    })
    .filter((one) => one.rows.length > 0)
}

/** A line a tube, so that a spreadsheet can count and sort them; a difference without a tube has a line of its own. */
export function booksCsv(books: Books, names: { post: (id: string | null) => string; laboratory: (id: string | null) => string }): string {
  const head = ['kind', 'how', 'tube', 'tubes', 'post', 'box', 'laboratory', 'run']
  const rows = books.differences.flatMap((one): Cell[][] =>
    (one.tubes.length ? one.tubes : ['']).map((tube) => [one.kind, one.how.how, tube, one.count, names.post(one.post), one.box, names.laboratory(one.laboratory), one.run]),
  )
  return csv(head, rows)
}
