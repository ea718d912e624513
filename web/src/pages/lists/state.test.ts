import { expect, test } from 'vitest'
import type { ListedContact } from '../../lib/trace'
import { speaksFor, stateOf, stepOf, unfinished, wallNow } from './state'

const WHEN = '2022-02-21T12:00:00Z'

test('a list that nobody acknowledged in time is late; one acknowledged late is not any more', () => {
  const waiting = { acknowledged_at: null, returned: 0, contacts: 3, late: false }
  expect(stateOf(waiting)).toBe('waiting')
  expect(stateOf({ ...waiting, late: true })).toBe('late')
  expect(stateOf({ ...waiting, late: true, acknowledged_at: WHEN })).toBe('acknowledged')
  expect(stateOf({ ...waiting, returned: 1 })).toBe('waiting')
  expect(stateOf({ ...waiting, returned: 3 })).toBe('returned')
})

test('the furthest step counts', () => {
  const row: ListedContact = { contact: 'contact_1', no: 'C1', class: 'close', last_exposure: null, state: 'accepted', reason: null, reached_at: null, isolated_at: null, subject: null, territory: null, place: null }
  expect(stepOf(row)).toBe('accepted')
  expect(stepOf({ ...row, reached_at: WHEN })).toBe('reached')
  expect(stepOf({ ...row, reached_at: WHEN, isolated_at: WHEN })).toBe('isolated')
  expect(stepOf({ ...row, state: 'refused', reached_at: WHEN })).toBe('returned')
  expect(unfinished([{ ...row, state: 'refused' }, { ...row, reached_at: WHEN }])).toBe(true)
  expect(unfinished([{ ...row, state: 'refused' }, { ...row, isolated_at: WHEN }])).toBe(false)
})

test('a province speaks for its counties, a county not for its neighbour with a longer code', () => {
  expect(speaksFor('14', '14/1407/140703')).toBe(true)
  expect(speaksFor('14/1407', '14/14070')).toBe(false)
})

test('now is told on the wall of the department, never ahead of its day', () => {
  const now = Date.parse('2022-02-21T12:00:30Z')
  expect(wallNow(now, '2022-02-21')).toBe('2022-02-21T19:59')
  expect(wallNow(Date.parse('2022-02-21T17:30:00Z'), '2022-02-22')).toBe('2022-02-22T01:29')
  expect(wallNow(now, '2022-02-18')).toBe('2022-02-18T19:59')
})
