// The epidemic curve as numbers: bins that fit the width, a round axis, and the table behind it.

import { addDays, dayNumber, type Day } from '../../lib/day'

export interface Bin {
  first: Day
  last: Day
  counts: number[]
  total: number
}

/** Under this many pixels a bar cannot be told from its neighbour: then a bar is a week, or four. */
const LEAST_PX = 4

/** One bin a day, or 7 or 28 days where a day would be too narrow to see; the last one may be cut short. */
export function binDays(days: Day[], series: { counts: number[] }[], width: number): Bin[] {
  const size = [1, 7, 28].find((size) => (width * size) / Math.max(days.length, 1) >= LEAST_PX) ?? 28
  const bins: Bin[] = []
  for (let at = 0; at < days.length; at += size) {
    const end = Math.min(at + size, days.length)
    const counts = series.map(({ counts }) => counts.slice(at, end).reduce((sum, n) => sum + n, 0))
    bins.push({
      first: days[at]!,
      last: days[end - 1]!,
      counts,
      total: counts.reduce((sum, n) => sum + n, 0),
    })
  }
  return bins
}

/** Whole, round steps from zero to at least `most`: a count has no half. */
export function countTicks(most: number, wanted = 4): number[] {
  const rough = Math.max(most, 1) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough)!,
  )
  const ticks = [0]
  while (ticks.at(-1)! < most) ticks.push(ticks.at(-1)! + step)
  return ticks.length > 1 ? ticks : [0, step]
}

/** Which bins get a date under them, so that dates do not touch. */
export function labelled(bins: Bin[], width: number, labelPx = 58): number[] {
  const every = Math.max(1, Math.ceil((labelPx * bins.length) / Math.max(width, 1)))
  return bins.map((_, index) => index).filter((index) => index % every === 0)
}

/** The file a reader takes away: one line a day, the series as columns. */
export function curveCsv(days: Day[], series: { key: string; counts: number[] }[]): string {
  const lines = [['day', ...series.map(({ key }) => key)].join(',')]
  for (const [index, day] of days.entries()) {
    lines.push([day, ...series.map(({ counts }) => counts[index] ?? 0)].join(','))
  }
  return lines.join('\n') + '\n'
}

/** Fills days without cases, so that a gap in time is a gap on the page. */
export function everyDay(days: Day[], series: { key: string; counts: number[] }[]) {
  const [first, last] = [days[0], days.at(-1)]
  if (!first || !last) return { days, series }
  const [from, until] = [dayNumber(first), dayNumber(last)]
  if (from === null || until === null || until - from + 1 === days.length) return { days, series }
  const at = new Map(days.map((day, index) => [day, index]))
  const whole = Array.from({ length: until - from + 1 }, (_, offset) => addDays(first, offset))
  const filled = series.map(({ key, counts }) => ({
    key,
    counts: whole.map((day) => counts[at.get(day) ?? -1] ?? 0),
  }))
  return { days: whole, series: filled }
}

/** What stands under a bar: month and day; over more than a year the months recur, and year and month say more. */
export const underBar = (bins: { first: Day; last: Day }[], index: number) => {
  const long = (dayNumber(bins.at(-1)!.last) ?? 0) - (dayNumber(bins[0]!.first) ?? 0) > 366
  return long ? bins[index]!.first.slice(0, 7) : bins[index]!.first.slice(5)
}
