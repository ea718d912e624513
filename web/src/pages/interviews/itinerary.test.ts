import { expect, test } from 'vitest'
import type { Visit } from '../../lib/trace'
import { clashes, clockTime, dayRows, nextSpan, numberedPlaces, readPoint, spanFault, untoldHours, wallAt, wallMinutes } from './itinerary'

const visit = (from: string, to: string, more: Partial<Visit> = {}): Visit => ({
  id: `visit_${from}`, interview: null, subject: 'subject_1', what: 'stay', place: null, place_name: 'home', place_kind: null,
  territory: null, lon: null, lat: null, datum: null, metres: null, from, to, from_doubt_minutes: 0, to_doubt_minutes: 0,
  source: 'self', mask: 'unknown', indoors: null, ventilation: 'unknown', company: null, ride: null, note: null, ...more,
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

test('times of day as people type them', () => {
  for (const [typed, read] of [['1830', '18:30'], ['18:30', '18:30'], ['9', '09:00'], ['18点30分', '18:30'], ['9.05', '09:05'], ['24:00', null], ['18:75', null], ['noon', null]] as const)
    expect(clockTime(typed), typed).toBe(read)
})

test('a wall time goes to minutes and back', () => {
  expect(wallAt(wallMinutes('2022-02-28T23:59')! + 1)).toBe('2022-03-01T00:00')
  expect(wallMinutes('2022-02-30T10:00')).toBeNull()
})

test('a new entry starts where the last ended', () => {
  expect(nextSpan([visit('2022-02-20T22:00', '2022-02-20T23:30')], null, '2022-02-22')).toEqual({ from: '2022-02-20T23:30', to: '2022-02-21T00:30' })
  expect(nextSpan([], '2022-02-17', '2022-02-22').from).toBe('2022-02-17T08:00')
})

test('spans that cannot be are named', () => {
  expect(spanFault('2022-02-20T10:00', '2022-02-20T09:00', '2022-02-22')).toBe('backwards')
  expect(spanFault('2022-02-25T10:00', '2022-02-25T11:00', '2022-02-22')).toBe('future')
  expect(spanFault('2021-10-01T10:00', '2022-02-20T11:00', '2022-02-22')).toBe('too_long')
  expect(spanFault('T10:00', '2022-02-20T11:00', '2022-02-22')).toBe('no_time')
  expect(spanFault('2022-02-20T10:00', '2022-02-20T10:00', '2022-02-22')).toBeNull()
})

test('points: longitude first, and nobody was at 0, 0', () => {
  expect(readPoint('112.55, 37.42')).toEqual({ lon: 112.55, lat: 37.42 })
  expect(readPoint('112.55°，37.42°')).toEqual({ lon: 112.55, lat: 37.42 })
  expect(readPoint('')).toBeNull()
  for (const bad of ['0, 0', '37.42, 112.55', '112.55', 'market']) expect(readPoint(bad), bad).toBe('unreadable')
})

test('a place met twice has one number', () => {
  const places = numberedPlaces([visit('2022-02-20T08:00', '2022-02-20T09:00'), visit('2022-02-20T10:00', '2022-02-20T11:00', { place_name: 'market' }), visit('2022-02-20T12:00', '2022-02-20T13:00')])
  expect(places.map((place) => [place.number, place.name])).toEqual([[1, 'home'], [2, 'market']])
})
