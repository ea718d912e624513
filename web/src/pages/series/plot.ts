// A series as numbers to draw: one row a step, runs without gaps, a round axis, dates that do not touch, the file behind it.

import { addDays, dayAt, dayNumber, type Day } from '../../lib/day'
import type { Grade, OneSeries, SignalState } from '../../lib/surveillance'

export interface Row {
  day: Day
  value: number | null
  of: number | null
  sites: number
  /** 0 where it is not told how many were asked. */
  expected_sites: number
  expected: number | null
  low: number | null
  high: number | null
  p: number | null
  /** Above the band. */
  unusual: boolean
  signal: { id: string; grade: Grade; state: SignalState } | null
}

/** Every step from `from` to `to`, also those of which nothing is known: a gap in reports is a gap on the page. */
export function rowsOf(series: OneSeries, from: Day, to: Day): Row[] {
  const points = new Map(series.points.map((point) => [point.day, point]))
  const band = new Map(series.band.map((step) => [step.day, step]))
  const signals = new Map(series.signals.map((signal) => [signal.day, signal] as const))
  const step = series.cadence === 'week' ? 7 : 1
  const known = [...points.keys(), ...band.keys()].sort()
  // Weeks keep the weekday the server names them by.
  const first = known.length ? nearest(known[0]!, from, step) : from
  const rows: Row[] = []
  for (let day = first; day <= to; day = addDays(day, step)) {
    const [point, bounds] = [points.get(day), band.get(day)]
    const [value, high] = [point?.value ?? null, bounds?.high ?? null]
    rows.push({
      day,
      value,
      of: point?.of ?? null,
      sites: point?.sites ?? 0,
      expected_sites: point?.expected_sites ?? 0,
      expected: bounds?.expected ?? null,
      low: bounds?.low ?? null,
      high,
      p: bounds?.p ?? null,
      unusual: value !== null && high !== null && value > high,
      signal: signals.get(day) ?? null,
    })
    if (dayNumber(day) === null) break
  }
  return rows
}

/** Whether it is known how many sites were asked. */
export const tellsAsked = (series: OneSeries) => series.points.some((point) => (point.expected_sites ?? 0) > 0)

/** The first step at or after `from` on the rhythm that `day` lies on. */
function nearest(day: Day, from: Day, step: number): Day {
  const [on, start] = [dayNumber(day), dayNumber(from)]
  if (on === null || start === null) return from
  return dayAt(start + ((((on - start) % step) + step) % step))
}

/** Stretches of rows in which `has` holds, each to be drawn as one line. */
export function runs<T>(rows: T[], has: (row: T) => boolean): T[][] {
  const found: T[][] = []
  let open: T[] | null = null
  for (const row of rows) {
    if (!has(row)) open = null
    else if (open) open.push(row)
    else found.push((open = [row]))
  }
  return found
}

/** Round steps from zero to at least `most`; whole ones unless the values are not. */
export function valueTicks(most: number, whole: boolean, wanted = 4): number[] {
  const rough = (most > 0 ? most : 1) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const round = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999999)!
  const step = whole ? Math.max(1, round) : round
  const ticks = [0]
  for (let n = 1; ticks.at(-1)! < most; n++) ticks.push(Number((n * step).toPrecision(12)))
  return ticks.length > 1 ? ticks : [0, step]
}

/** Days that get a date under them: on steps of the rhythm, at least `apart` pixels from each other. */
export function dayTicks(from: Day, to: Day, width: number, apart = 64): Day[] {
  const [first, last] = [dayNumber(from), dayNumber(to)]
  if (first === null || last === null || last < first) return []
  const days = last - first + 1
  const rough = (apart * days) / Math.max(width, 1)
  const step = [1, 2, 7, 14, 28, 56, 91, 182, 364, 728].find((n) => n >= rough) ?? 728
  const ticks: Day[] = []
  for (let at = first; at <= last; at += step) ticks.push(dayAt(at))
  return ticks
}

const cell = (value: string | number | null | undefined) => {
  const text = value === null || value === undefined ? '' : String(value)
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The file a reader takes away: one line a step; what is not known is empty, and zero is a zero. */
export function seriesCsv(parts: { indicator: string; territory: string; rows: Row[] }[]): string {
  const head = 'indicator,territory,day,value,of,sites,expected_sites,expected,low,high,p,unusual,signal'
  const lines = parts.flatMap(({ indicator, territory, rows }) =>
    rows.map((row) =>
      [
        indicator,
        territory,
        row.day,
        row.value,
        row.of,
        row.sites,
        row.expected_sites || null,
        row.expected,
        row.low,
        row.high,
        row.p,
        row.unusual ? 1 : 0,
        row.signal?.id,
      ]
        .map(cell)
        .join(','),
    ),
  )
  return [head, ...lines].join('\n') + '\n'
}
