import { expect, test } from 'vitest'
import { clockTime, spanFault, wallAt, wallMinutes, windowText } from './wall'

test('times of day as people type them', () => {
  for (const [typed, read] of [['1830', '18:30'], ['18:30', '18:30'], ['9', '09:00'], ['18点30分', '18:30'], ['9.05', '09:05'], ['24:00', null], ['18:75', null], ['noon', null]] as const)
    expect(clockTime(typed), typed).toBe(read)
})

test('a wall time goes to minutes and back', () => {
  expect(wallAt(wallMinutes('2022-02-28T23:59')! + 1)).toBe('2022-03-01T00:00')
  expect(wallMinutes('2022-02-30T10:00')).toBeNull()
})

test('windows are told with a day, or with two', () => {
  expect(windowText('2022-02-20T18:30', '2022-02-20T19:10')).toBe('02-20 18:30–19:10')
  expect(windowText('2022-02-20T23:30', '2022-02-21T00:10')).toBe('02-20 23:30 – 02-21 00:10')
})

test('spans that cannot be are named', () => {
  expect(spanFault('2022-02-20T10:00', '2022-02-20T09:00', '2022-02-22')).toBe('backwards')
  expect(spanFault('2022-02-25T10:00', '2022-02-25T11:00', '2022-02-22')).toBe('future')
  expect(spanFault('2021-10-01T10:00', '2022-02-20T11:00', '2022-02-22')).toBe('too_long')
  expect(spanFault('T10:00', '2022-02-20T11:00', '2022-02-22')).toBe('no_time')
  expect(spanFault('2022-02-20T10:00', '2022-02-20T10:00', '2022-02-22')).toBeNull()
})
