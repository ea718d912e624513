// What a reporter typed: a number, nothing, or a slip of the finger; and what is asked for on a day on which the page could
// not ask the server.

import { addDays, dayNumber, daysBetween, type Day } from '../../lib/day'
import type { AskedIndicator, Reporting } from '../../lib/surveillance'

export type Fault = 'not_a_number' | 'negative' | 'whole' | 'too_many' | 'more_than_all'

export interface Typed {
  /** Null when nothing was typed: that is not a zero. */
  value: number | null
  fault: Fault | null
}

/** Digits of a Chinese keyboard (２４) are digits. */
export function read(text: string, rule: Pick<AskedIndicator, 'whole' | 'most'>): Typed {
  const plain = text.normalize('NFKC').replace(/[\s,]/g, '')
  if (plain === '') return { value: null, fault: null }
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return { value: null, fault: 'not_a_number' }
  const value = Number(plain)
  if (value < 0) return { value: null, fault: 'negative' }
  if (rule.whole && !Number.isInteger(value)) return { value: null, fault: 'whole' }
  if (value > rule.most) return { value: null, fault: 'too_many' }
  return { value, fault: null }
}

/** A part cannot be more than its whole. */
export function partFault(value: number | null, of: number | null): Fault | null {
  return value !== null && of !== null && value > of ? 'more_than_all' : null
}

/** Worth a question before it is sent. */
export function looksWrong(value: number, usual: [number, number] | null): boolean {
  return usual !== null && (value < usual[0] || value > usual[1])
}

/** What was reported for the period before `day`, as far as it is known here. */
export function before(indicator: AskedIndicator, day: Day): number | null {
  if (day === indicator.day) return indicator.yesterday
  const earlier = indicator.last7.filter((one) => one.day < day).sort((a, b) => (a.day < b.day ? 1 : -1))
  return earlier[0]?.value ?? null
}

/** Out of how many that was; known of the period before the one asked for. */
export const beforeOf = (indicator: AskedIndicator, day: Day): number | null =>
  day === indicator.day ? (indicator.yesterday_of ?? null) : null

/** The value known for a period: the one asked for, or one of the last. */
export function known(indicator: AskedIndicator, day: Day): { value: number | null; of: number | null } {
  if (day === indicator.day) return { value: indicator.reported?.value ?? null, of: indicator.reported?.of ?? null }
  return { value: indicator.last7.find((one) => one.day === day)?.value ?? null, of: null }
}

/** 1970-01-05 was a Monday. */
function monday(day: Day): Day {
  const number = dayNumber(day)
  return number === null ? day : addDays(day, -(((number - 4) % 7) + 7) % 7)
}

/** Of the period that was asked for when the page was kept, if it is the one before now. */
const ofBefore = (indicator: AskedIndicator, day: Day) => (day === indicator.day ? (indicator.reported?.of ?? null) : null)

/** An answer kept `days` ago, as it would be asked today: the same sites, their next period. What came in meanwhile is not
 * known here and stays null. */
export function carried(kept: Reporting, days: number): Reporting {
  if (days <= 0) return kept
  const today = addDays(kept.today, days)
  const weeks = daysBetween(monday(kept.today), monday(today)) ?? 0
  const on = (indicator: AskedIndicator): AskedIndicator => {
    const [shift, step] = indicator.cadence === 'week' ? [weeks, 7] : [days, 1]
    if (shift === 0) return indicator
    const values = new Map(indicator.last7.map((one) => [one.day, one.value]))
    if (indicator.reported) values.set(indicator.day, indicator.reported.value)
    const day = addDays(indicator.day, shift)
    const last7 = Array.from({ length: 7 }, (_, at) => addDays(day, -step * (at + 1))).map((day) => ({
      day,
      value: values.get(day) ?? null,
    }))
    const due = new Date(new Date(indicator.due).getTime() + shift * 86_400_000).toISOString()
    return { ...indicator, day, due, reported: null, yesterday: last7[0]!.value, yesterday_of: ofBefore(indicator, last7[0]!.day), last7 }
  }
  return { today, sites: kept.sites.map((site) => ({ ...site, indicators: site.indicators.map(on) })) }
}
