import { expect, test } from 'vitest'
import type { RoundRow } from '../../../lib/followup'
import { heardIn } from '../../../lib/outgoing'
import { asSeen, celsiusIn, lineOf, stopsOf, type Standing, type Visit } from './visits'

const visit = (id: string, more: Partial<Visit> = {}): Visit => ({
  what: 'visit', id, account: 'me', check: `check_${id}`, course: 'course_1', at: 10, case: `case_${id}`, no: 'K1', where: '', state: 'waiting', said: null, out: null,
  ...more,
})
const row = { id: 'course_1', checks: [1, 2], tried: null } as unknown as RoundRow
/** Heard at 5, of a day that is over at 1000; looked at at 20. */
const seen = (visit: Visit, now = 20) => asSeen(row, [visit], { now: 5, ends: 1000 }, now)

test('what waits here counts for today, and what the list knows already is not counted twice', () => {
  expect(seen(visit('a'))).toMatchObject({ done: 2, asked: 2, waiting: true })
  expect(seen(visit('a', { state: 'kept', at: 4 }))).toMatchObject({ done: 1, waiting: false })
  expect(seen(visit('a', { state: 'kept', at: 6 }))).toMatchObject({ done: 2, waiting: false })
  expect(seen(visit('a', { state: 'refused' }))).toMatchObject({ done: 1 })
  expect(seen(visit('a', { course: 'course_2' }))).toMatchObject({ done: 1 })
})

test('a list that was kept over midnight counts nothing of today, and what waits of yesterday is of yesterday', () => {
  const tried = { ...row, tried: { at: 4, why: 'not_reached' } } as RoundRow
  const heard = { now: 5, ends: 1000 }
  const yesterday = visit('a', { at: 10 })
  expect(asSeen(tried, [yesterday], heard, 999)).toMatchObject({ done: 2, tried: tried.tried })
  expect(asSeen(tried, [yesterday], heard, 1000)).toMatchObject({ done: 0, tried: null, waiting: true })
  expect(asSeen(tried, [yesterday, visit('b', { at: 1001 })], heard, 1002)).toMatchObject({ done: 1, asked: 2 })
  const dayAfter = 1000 + 86_400_000
  expect(asSeen(tried, [visit('b', { at: 1001 })], heard, dayAfter)).toMatchObject({ done: 0 })
  expect(asSeen(row, [visit('c', { at: 10 - 86_400_000 })], heard, 20)).toMatchObject({ done: 1 })
})

test('two places with a round of the same name are two stops, and the heading says which', () => {
  const who = (territory: string, route: string, home: string) => ({ row: { territory, route, home } }) as Standing
  const way = [who('1', 'Building 4', '101'), who('1', 'Building 4', '102'), who('2', 'Building 4', '101'), who('2', '', '3-2'), who('2', '', '')]
  const told = stopsOf(way, (territory) => `Place ${territory}`).map((stop) => [stop.where, stop.people.length])
  expect(told).toEqual([['Place 1 · Building 4', 2], ['Place 2 · Building 4', 1], ['Place 2 · 3-2', 1], ['Place 2', 1]])
})

test('somebody who was not reached is as much to be seen as before', () => {
  const told = seen(visit('a', { not_seen: 'not_reached' }))
  expect([told.done, told.tried]).toEqual([1, { at: 10, why: 'not_reached' }])
})

test('a line says how they were, or why nobody was seen, and nothing of the phone', () => {
  expect(lineOf(visit('a', { celsius: 36.6, signs: ['cough'] }))).toEqual({
    id: 'a', check: 'check_a', course: 'course_1', at: 10, case: 'case_a', celsius: 36.6, signs: ['cough'],
  })
  expect(lineOf(visit('a', { not_seen: 'refused_check' }))).toEqual({
    id: 'a', check: 'check_a', course: 'course_1', at: 10, case: 'case_a', not_seen: 'refused_check',
  })
})

test('a temperature is typed with a comma or a point, and half an answer is none', () => {
  expect([celsiusIn('36,7'), celsiusIn('38'), celsiusIn(''), celsiusIn('367'), celsiusIn('3 6'), celsiusIn('29.9')]).toEqual([36.7, 38, null, undefined, undefined, undefined])
  expect([...heardIn('{"id":"a","out":{"counted":true,"stands":null}}\n{"id":"b","o').keys()]).toEqual(['a'])
})
