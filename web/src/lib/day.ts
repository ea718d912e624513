// A calendar day is a text like 2022-02-21 and stays one: a JavaScript Date would give it a zone and could
// move it. Weekdays and day counts come from the civil calendar itself.

import type { Language } from './words.svelte'

export type Day = string

const WEEKDAYS: Record<Language, string[]> = {
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/

/** Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level
 * date algorithms", days_from_civil); null when the text is not a real day. */
export function dayNumber(day: Day): number | null {
  const parts = DAY.exec(day)
  if (!parts) return null
  const [year, month, date] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  if (month < 1 || month > 12 || date < 1 || date > daysInMonth(year, month)) return null
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146097 + dayOfEra - 719468
}

/** The inverse of `dayNumber` (civil_from_days of the same source). */
export function dayAt(number: number): Day {
  const z = number + 719468
  const era = Math.floor(z / 146097)
  const dayOfEra = z - era * 146097
  const century = Math.floor(dayOfEra / 36524)
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + century - Math.floor(dayOfEra / 146096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const date = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

export function weekday(day: Day, language: Language): string {
  const number = dayNumber(day)
  // 1970-01-01 was a Thursday.
  return number === null ? '' : WEEKDAYS[language][(((number + 4) % 7) + 7) % 7]!
}

/** `2022-02-21 (Mon)` or `2022-02-21（周一）`; a text that is no day is shown as it is, never as "Invalid Date".
 * */
export function formatDay(day: Day | null | undefined, language: Language): string {
  if (!day) return ''
  const name = weekday(day, language)
  if (!name) return day
  return language === 'zh' ? `${day}（${name}）` : `${day} (${name})`
}

/** A moment in the reader's own zone, as digits only so that both languages read it the same way. */
export function formatMoment(moment: string | null | undefined): string {
  if (!moment) return ''
  const at = new Date(moment)
  if (Number.isNaN(at.getTime())) return moment
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`
}

/** Today on the reader's own wall calendar. */
export function today(): Day {
  const now = new Date()
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}

export function addDays(day: Day, days: number): Day {
  const number = dayNumber(day)
  return number === null ? day : dayAt(number + days)
}

/** Whole days from `first` to `last`; null when either is not a day. */
export function daysBetween(first: Day, last: Day): number | null {
  const [from, to] = [dayNumber(first), dayNumber(last)]
  return from === null || to === null ? null : to - from
}
