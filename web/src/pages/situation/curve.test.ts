import { expect, test } from 'vitest'
import { binDays, countTicks, curveCsv, everyDay, underBar } from './curve'

const days = Array.from({ length: 14 }, (_, n) => `2022-02-${String(n + 8).padStart(2, '0')}`)
const series = [
  { key: 'under_care', counts: days.map((_, n) => n) },
  { key: 'community', counts: days.map(() => 1) },
]

test('no case is lost when days are gathered into weeks', () => {
  const narrow = binDays(days, series, 20)
  expect(narrow.map((bin) => bin.total)).toEqual([21 + 7, 70 + 7])
  expect(narrow[1]).toMatchObject({ first: '2022-02-15', last: '2022-02-21' })
  expect(binDays(days, series, 600)).toHaveLength(14)
})

test('the axis counts in whole round steps and reaches the highest bar', () => {
  expect(countTicks(0)).toEqual([0, 1])
  expect(countTicks(3)).toEqual([0, 1, 2, 3])
  expect(countTicks(17)).toEqual([0, 5, 10, 15, 20])
  expect(countTicks(813).at(-1)).toBeGreaterThanOrEqual(813)
})

test('a day without cases keeps its place on the time axis', () => {
  const sparse = everyDay(['2022-02-20', '2022-02-23'], [{ key: 'unknown', counts: [5, 2] }])
  expect(sparse.days).toEqual(['2022-02-20', '2022-02-21', '2022-02-22', '2022-02-23'])
  expect(sparse.series[0]!.counts).toEqual([5, 0, 0, 2])
})

test('the file taken away has one line a day', () => {
  expect(curveCsv(['2022-02-20'], [{ key: 'under_care', counts: [5] }])).toBe(
    'day,under_care\n2022-02-20,5\n',
  )
})

test('over more than a year a bar says its year', () => {
  const bars = (...firsts: string[]) => firsts.map((first) => ({ first, last: first }))
  expect(underBar(bars('2022-12-28', '2023-01-04'), 1)).toBe('01-04')
  expect(underBar(bars('2022-02-17', '2026-11-27'), 1)).toBe('2026-11')
})
