// Where somebody was, day by day: the time line and what a new stay starts from. Times are local and stay texts; nothing
// here asks a clock or a zone.

import { addDays, dayAt, dayNumber, type Day } from '../../lib/day'
import type { Visit } from '../../lib/trace'
import { DAY_MINUTES, wallAt, wallMinutes } from '../../lib/wall'

export interface Bar {
  /** Place of the visit in the list given. */
  at: number
  /** Minutes of this day. */
  from: number
  to: number
  /** Doubt before and after, in minutes of this day. */
  doubtFrom: number
  doubtTo: number
  lane: number
}

export interface DayRow {
  day: Day
  bars: Bar[]
  lanes: number
}

/** More days than this are not drawn one by one. */
const MOST_DAYS = 120

/** One row a day from the first to the last, empty ones too: a day nobody told about is a question. */
export function dayRows(visits: Visit[], first: Day | null = null, last: Day | null = null): DayRow[] {
  const spans = visits.map((visit) => ({ from: wallMinutes(visit.from), to: wallMinutes(visit.to) }))
  const days = spans.flatMap(({ from, to }) => (from === null || to === null ? [] : [from, to])).map((at) => Math.floor(at / DAY_MINUTES))
  for (const day of [first, last]) {
    const number = day ? dayNumber(day) : null
    if (number !== null) days.push(number)
  }
  if (days.length === 0) return []
  const begin = days.reduce((a, b) => Math.min(a, b))
  const end = Math.min(days.reduce((a, b) => Math.max(a, b)), begin + MOST_DAYS - 1)
  const rows: DayRow[] = []
  for (let day = begin; day <= end; day++) {
    const start = day * DAY_MINUTES
    const bars: Bar[] = []
    for (const [at, visit] of visits.entries()) {
      const { from, to } = spans[at]!
      if (from === null || to === null || to < from) continue
      const own = clip(from - start, to - start)
      // What ends at midnight belongs to the day before.
      if (!own || (own.from === own.to && from < start)) continue
      const doubt = clip(from - visit.from_doubt_minutes - start, to + visit.to_doubt_minutes - start)!
      bars.push({ at, ...own, doubtFrom: doubt.from, doubtTo: doubt.to, lane: 0 })
    }
    rows.push({ day: dayAt(day), bars, lanes: stack(bars) })
  }
  return rows
}

function clip(from: number, to: number): { from: number; to: number } | null {
  if (to < 0 || from >= DAY_MINUTES) return null
  return { from: Math.max(0, from), to: Math.min(DAY_MINUTES, to) }
}

/** Bars that overlap lie below each other. */
function stack(bars: Bar[]): number {
  const ends: number[] = []
  for (const bar of [...bars].sort((a, b) => a.from - b.from || b.to - a.to)) {
    const free = ends.findIndex((end) => end <= bar.from)
    bar.lane = free < 0 ? ends.length : free
    ends[bar.lane] = bar.to
  }
  return Math.max(1, ends.length)
}

/** Stays at two places at once, beyond what their doubt explains: places in the list, each pair once. */
export function clashes(visits: Visit[]): [number, number][] {
  const order = visits
    .map((visit, at) => ({ at, visit, from: wallMinutes(visit.from), to: wallMinutes(visit.to) }))
    .filter((one) => one.from !== null && one.to !== null)
    .sort((a, b) => a.from! - b.from!)
  const found: [number, number][] = []
  for (const [index, one] of order.entries())
    for (const other of order.slice(index + 1)) {
      if (other.from! >= one.to!) break
      if (samePlace(one.visit, other.visit)) continue
      const surelyFrom = other.from! + other.visit.from_doubt_minutes
      const surelyTo = Math.min(one.to! - one.visit.to_doubt_minutes, other.to! - other.visit.to_doubt_minutes)
      if (surelyFrom < surelyTo) found.push([one.at, other.at])
    }
  return found
}

function samePlace(one: Visit, other: Visit): boolean {
  return one.place !== null && other.place !== null ? one.place === other.place : one.place_name === other.place_name
}

/** Hours of the period that no stay or ride covers. */
export function untoldHours(rows: DayRow[]): number {
  let minutes = 0
  for (const { bars } of rows) {
    let reached = 0
    for (const bar of [...bars].sort((a, b) => a.from - b.from)) {
      minutes += Math.max(0, bar.from - reached)
      reached = Math.max(reached, bar.to)
    }
    minutes += DAY_MINUTES - reached
  }
  return Math.round(minutes / 60)
}

/** Where a new entry starts: at the end of the last one, for an hour; on the first day of interest when there is none. */
export function nextSpan(visits: Visit[], first: Day | null, today: Day): { from: string; to: string } {
  const ends = visits.map((visit) => wallMinutes(visit.to)).filter((end) => end !== null)
  if (ends.length) {
    const end = ends.reduce((a, b) => Math.max(a, b))
    return { from: wallAt(end), to: wallAt(end + 60) }
  }
  const day = first ?? addDays(today, -1)
  return { from: `${day}T08:00`, to: `${day}T09:00` }
}

/** Places of an itinerary in the order they are first met, each with its number on map and time line. */
export function numberedPlaces(visits: Visit[]): { key: string; name: string; number: number }[] {
  const keys = new Map<string, string>()
  for (const visit of visits) if (visit.what === 'stay' && !keys.has(placeKey(visit))) keys.set(placeKey(visit), visit.place_name)
  return [...keys].map(([key, name], at) => ({ key, name, number: at + 1 }))
}

export const placeKey = (visit: Visit) => visit.place ?? visit.place_name
