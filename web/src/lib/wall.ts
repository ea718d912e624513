// Times as the clock on the wall of a place shows them: a day and a time as one text (2022-02-20T18:30), without a zone.
// Nothing here asks a clock.

import { dayAt, dayNumber, daysBetween, type Day } from './day'

export const DAY_MINUTES = 1440

/** Minutes since 1970 on the wall of the place; null when it is no date-time. */
export function wallMinutes(at: string): number | null {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})/.exec(at)
  const day = parts ? dayNumber(parts[1]!) : null
  const [hours, minutes] = [Number(parts?.[2]), Number(parts?.[3])]
  return day === null || hours > 23 || minutes > 59 ? null : day * DAY_MINUTES + hours * 60 + minutes
}

export function wallAt(minutes: number): string {
  const within = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
  return `${dayAt(Math.floor(minutes / DAY_MINUTES))}T${two(Math.floor(within / 60))}:${two(within % 60)}`
}

const two = (value: number) => String(value).padStart(2, '0')

/** `1830`, `18:30`, `18.30`, `18：30` or `9` as 18:30 and 09:00; null when it is no time of a day. */
export function clockTime(typed: string): string | null {
  const text = typed.trim().replace(/[.：时点hH]/, ':').replace(/[分]$/, '')
  const parts = /^(\d{1,2}):(\d{2})?$/.exec(text) ?? /^(\d{1,2})(\d{2})?$/.exec(text)
  if (!parts) return null
  const [hours, minutes] = [Number(parts[1]), Number(parts[2] ?? 0)]
  return hours > 23 || minutes > 59 ? null : `${two(hours)}:${two(minutes)}`
}

/** `02-20 18:30–19:10`, or both days when there are two. */
export function windowText(from: string, to: string): string {
  return `${from.slice(5, 10)} ${spanText(from, to)}`
}

/** The same beside a day that is told already. */
export function spanText(from: string, to: string): string {
  const [came, left] = [from.slice(11, 16), to.slice(11, 16)]
  return from.slice(0, 10) === to.slice(0, 10) ? `${came}–${left}` : `${came} – ${to.slice(5, 10)} ${left}`
}

/** What is wrong with a span, as a key of the words; the server checks the same. */
export function spanFault(from: string, to: string, today: Day): 'no_time' | 'backwards' | 'future' | 'too_long' | null {
  const [begin, end] = [wallMinutes(from), wallMinutes(to)]
  if (begin === null || end === null) return 'no_time'
  if (end < begin) return 'backwards'
  const ahead = daysBetween(today, to.slice(0, 10))
  if (ahead !== null && ahead > 1) return 'future'
  return end - begin > 60 * DAY_MINUTES ? 'too_long' : null
}
