import { expect, test } from 'vitest'
import type { RoundRow } from '../../../lib/followup'
import { heardIn } from '../../../lib/outgoing'
import { asSeen, celsiusIn, lineOf, type Visit } from './visits'

const visit = (id: string, more: Partial<Visit> = {}): Visit => ({
  what: 'visit', id, account: 'me', check: `check_${id}`, course: 'course_1', at: 10, case: `case_${id}`, no: 'K1', where: '', state: 'waiting', said: null, out: null,
  ...more,
})
const row = { id: 'course_1', checks: [1, 2], tried: null } as unknown as RoundRow

test('what waits here counts for today, and what the list knows already is not counted twice', () => {
  expect(asSeen(row, [visit('a')], 5)).toMatchObject({ done: 2, asked: 2, waiting: true })
  expect(asSeen(row, [visit('a', { state: 'kept', at: 4 })], 5)).toMatchObject({ done: 1, waiting: false })
  expect(asSeen(row, [visit('a', { state: 'kept', at: 6 })], 5)).toMatchObject({ done: 2, waiting: false })
  expect(asSeen(row, [visit('a', { state: 'refused' })], 5)).toMatchObject({ done: 1 })
  expect(asSeen(row, [visit('a', { course: 'course_2' })], 5)).toMatchObject({ done: 1 })
})

test('somebody who was not reached is as much to be seen as before', () => {
  const told = asSeen(row, [visit('a', { not_seen: 'not_reached' })], 5)
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
