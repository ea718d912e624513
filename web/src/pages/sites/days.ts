// The last days of a site as cells: a zero, a blank, a late and a corrected number are four different things.

import { addDays, dayNumber, type Day } from '../../lib/day'
import type { Cadence, SiteDay } from '../../lib/surveillance'

/** `waiting` is not due yet, `before` was never asked for. */
export type CellKind = 'number' | 'zero' | 'blank' | 'waiting' | 'before'

export interface Cell {
  day: Day
  kind: CellKind
  late: boolean
  corrected: boolean
  said: SiteDay | null
}

/** One cell for each period of one indicator, the newest first, as far back as the answer reaches. Before the site began
 * to report nothing was asked of it: that is no blank. */
export function cells(
  days: SiteDay[],
  indicator: string,
  cadence: Cadence,
  newest: Day,
  started: Day,
  ended: Day | null,
  back = 60,
): Cell[] {
  const own = new Map(days.filter((one) => one.indicator === indicator).map((one) => [one.day, one]))
  const step = cadence === 'week' ? 7 : 1
  const last = [...own.keys()].sort().at(-1)
  // Weeks keep the weekday the server names them by; without any report it is the Monday.
  const first = cadence === 'week' ? onRhythm(last ?? '1970-01-05', newest) : newest
  const found: Cell[] = []
  for (let at = 0; at < back; at += step) {
    const day = addDays(first, -at)
    const said = own.get(day) ?? null
    const asked = day >= started && (ended === null || day <= ended)
    const value = said?.value ?? null
    found.push({
      day,
      said,
      kind: kindOf(value, said?.mark === 'waiting', asked),
      // The first version says how it came; what corrects it comes later by its nature.
      late: ['late', 'too_late'].includes(said?.versions.at(-1)?.mark ?? ''),
      corrected: (said?.versions.length ?? 0) > 1,
    })
  }
  return found
}

function kindOf(value: number | null, waits: boolean, asked: boolean): CellKind {
  if (value !== null) return value === 0 ? 'zero' : 'number'
  if (waits) return 'waiting'
  return asked ? 'blank' : 'before'
}

/** The last day at or before `until` that is whole weeks away from `day`. */
function onRhythm(day: Day, until: Day): Day {
  const [on, end] = [dayNumber(day), dayNumber(until)]
  if (on === null || end === null) return until
  return addDays(until, -((((end - on) % 7) + 7) % 7))
}

export interface Tally {
  asked: number
  numbers: number
  zero: number
  blank: number
  late: number
  corrected: number
}

export function tally(list: Cell[]): Tally {
  const count = (of: (cell: Cell) => boolean) => list.filter(of).length
  return {
    asked: count((cell) => cell.kind !== 'before' && cell.kind !== 'waiting'),
    numbers: count((cell) => cell.kind === 'number' || cell.kind === 'zero'),
    zero: count((cell) => cell.kind === 'zero'),
    blank: count((cell) => cell.kind === 'blank'),
    late: count((cell) => cell.late),
    corrected: count((cell) => cell.corrected),
  }
}
