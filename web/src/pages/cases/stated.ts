// A stated day in words: exact, a range, a month or a year, never made more exact than it was said.

import type { StatedDay } from '../../lib/contract'
import { formatDay, type Day } from '../../lib/day'
import type { Language } from '../../lib/words.svelte'

/** The order in which the days of a case usually happen; also the order of columns and forms. */
export const DATE_KINDS = [
  'exposure',
  'onset',
  'first_visit',
  'specimen',
  'result',
  'report',
  'isolation',
  'admission',
  'recovery',
  'death',
]

/** What the form offers, most exact first. */
export const PRECISIONS = ['day', 'range', 'month', 'year']

export function statedText(stated: StatedDay, language: Language): string {
  if (stated.precision === 'month') return stated.day.slice(0, 7)
  if (stated.precision === 'year') return stated.day.slice(0, 4)
  const first = formatDay(stated.day, language)
  return stated.until && stated.until !== stated.day ? `${first} – ${formatDay(stated.until, language)}` : first
}

/** The last day of the month or year that `day` lies in: the `until` of a statement that is no more exact. */
export function lastOf(day: Day, precision: string): Day | null {
  if (precision === 'year') return `${day.slice(0, 4)}-12-31`
  if (precision !== 'month') return null
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))]
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const last = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
  return `${day.slice(0, 7)}-${last}`
}

/** What the form's three boxes say, as a statement; null when no day is given. */
export function stated(day: Day, until: Day, precision: string, source: string): StatedDay | null {
  if (!day) return null
  if (precision === 'month') return { day: `${day.slice(0, 7)}-01`, until: lastOf(day, 'month'), precision, source }
  if (precision === 'year') return { day: `${day.slice(0, 4)}-01-01`, until: lastOf(day, 'year'), precision, source }
  if (precision === 'range' && until && until > day) return { day, until, precision, source }
  return { day, until: null, precision: 'day', source }
}
