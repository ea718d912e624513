import { expect, test } from 'vitest'
import type { Visit } from '../../lib/trace'
import { clashes, dayRows, nextSpan, numberedPlaces, untoldHours } from './itinerary'

const visit = (from: string, to: string, more: Partial<Visit> = {}): Visit => ({
  id: `visit_${from}`, interview: null, subject: 'subject_1', what: 'stay', place: null, place_name: 'home', place_kind: null,
  territory: null, lon: null, lat: null, own_point: false, datum: null, metres: null, from, to, from_doubt_minutes: 0, to_doubt_minutes: 0,
  source: 'self', mask: 'unknown', indoors: null, ventilation: 'unknown', company: null, ride: null, note: null, at: '2022-02-22T01:00:00Z', ...more,
})

test('a night crosses midnight: two days, no bar of no width', () => {
  const rows = dayRows([visit('2022-02-20T22:00', '2022-02-21T06:30'), visit('2022-02-21T18:00', '2022-02-22T00:00')])
  expect(rows.map((row) => [row.day, row.bars.map((bar) => [bar.from, bar.to])])).toEqual([
    ['2022-02-20', [[1320, 1440]]],
    ['2022-02-21', [[0, 390], [1080, 1440]]],
    ['2022-02-22', []],
  ])
  expect(untoldHours(rows.slice(0, 1))).toBe(22)
})

test('a day without a word is drawn empty, and what overlaps lies on two lanes', () => {
  const rows = dayRows([visit('2022-02-20T09:00', '2022-02-20T12:00'), visit('2022-02-20T11:00', '2022-02-20T13:00')], '2022-02-19', '2022-02-21')
  expect(rows.map((row) => [row.day, row.lanes, row.bars.length])).toEqual([['2022-02-19', 1, 0], ['2022-02-20', 2, 2], ['2022-02-21', 1, 0]])
})

test('two places at once clash unless the doubt explains it', () => {
  const here = visit('2022-02-20T09:00', '2022-02-20T12:00')
  expect(clashes([here, visit('2022-02-20T11:00', '2022-02-20T13:00', { place_name: 'market' })])).toEqual([[0, 1]])
  expect(clashes([here, visit('2022-02-20T11:30', '2022-02-20T13:00', { place_name: 'market', from_doubt_minutes: 30 })])).toEqual([])
  expect(clashes([here, visit('2022-02-20T11:00', '2022-02-20T13:00')])).toEqual([])
})

test('a new entry starts where the last ended', () => {
  expect(nextSpan([visit('2022-02-20T22:00', '2022-02-20T23:30')], null, '2022-02-22')).toEqual({ from: '2022-02-20T23:30', to: '2022-02-21T00:30' })
  expect(nextSpan([], '2022-02-17', '2022-02-22').from).toBe('2022-02-17T08:00')
})

test('a place met twice has one number', () => {
  const places = numberedPlaces([visit('2022-02-20T08:00', '2022-02-20T09:00'), visit('2022-02-20T10:00', '2022-02-20T11:00', { place_name: 'market' }), visit('2022-02-20T12:00', '2022-02-20T13:00')])
  expect(places.map((place) => [place.number, place.name])).toEqual([[1, 'home'], [2, 'market']])
})
