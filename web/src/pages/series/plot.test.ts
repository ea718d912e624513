import { expect, test } from 'vitest'
import type { OneSeries } from '../../lib/surveillance'
import { dayTicks, rowsOf, runs, seriesCsv, valueTicks } from './plot'

const point = (day: string, value: number | null) => ({ day, value, of: null, sites: 2, expected_sites: 3 })
const series = (points: OneSeries['points'], band: OneSeries['band'] = []): OneSeries => ({
  indicator: 'fever_visits',
  territory: '14/1407',
  cadence: 'day',
  points,
  band,
  method: { detector: null, settings: {}, why: null, by: null, at: null },
  signals: [{ id: 'signal_1', day: '2022-02-03', grade: 'red', state: 'raised' }],
})

test('a day nobody reported is a row without a value, and zero is a value', () => {
  const rows = rowsOf(series([point('2022-02-01', 0), point('2022-02-03', 4)]), '2022-02-01', '2022-02-04')
  expect(rows.map(({ day, value }) => [day, value])).toEqual([
    ['2022-02-01', 0],
    ['2022-02-02', null],
    ['2022-02-03', 4],
    ['2022-02-04', null],
  ])
  expect(rows[2]!.signal?.id).toBe('signal_1')
})

test('weeks keep the day they are named by, whatever day the picture begins on', () => {
  const rows = rowsOf({ ...series([point('2022-02-14', 3)]), cadence: 'week' }, '2022-02-02', '2022-02-22')
  expect(rows.map(({ day }) => day)).toEqual(['2022-02-07', '2022-02-14', '2022-02-21'])
})

test('above the band is unusual, on it is not', () => {
  const band = ['2022-02-01', '2022-02-02'].map((day) => ({ day, expected: 5, low: 2, high: 9, p: 0.1 }))
  const rows = rowsOf(series([point('2022-02-01', 9), point('2022-02-02', 10)], band), '2022-02-01', '2022-02-02')
  expect(rows.map(({ unusual }) => unusual)).toEqual([false, true])
})

test('a line is broken where a value is missing', () => {
  expect(runs([1, 2, null, 3, null, null], (n) => n !== null)).toEqual([[1, 2], [3]])
})

test('counts have whole steps, concentrations need not', () => {
  expect(valueTicks(3, true)).toEqual([0, 1, 2, 3])
  expect(valueTicks(0, true)).toEqual([0, 1])
  expect(valueTicks(0.7, false)).toEqual([0, 0.2, 0.4, 0.6, 0.8])
  expect(valueTicks(130, true)).toEqual([0, 50, 100, 150])
})

test('dates under the axis keep their distance and weekday', () => {
  expect(dayTicks('2022-02-01', '2022-02-28', 400)).toEqual(['2022-02-01', '2022-02-08', '2022-02-15', '2022-02-22'])
  expect(dayTicks('2022-02-02', '2022-02-01', 400)).toEqual([])
})

test('in the file what is not known is empty and zero is a zero', () => {
  const rows = rowsOf(series([point('2022-02-01', 0)]), '2022-02-01', '2022-02-02')
  const lines = seriesCsv([{ indicator: 'a,b', territory: '14', rows }]).split('\n')
  expect(lines[1]).toBe('"a,b",14,2022-02-01,0,,2,3,,,,,0,')
  expect(lines[2]).toBe('"a,b",14,2022-02-02,,,0,,,,,,0,')
})
