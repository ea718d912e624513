import { expect, test } from 'vitest'
import { area, lately, most, sum } from './load'

test('what happened in five minutes is drawn from its highest second', () => {
  expect([sum([1, 2, 3]), most([1, 7, 3]), most([])]).toEqual([6, 7, 0])
  expect(area([0, 2], 2, 10, 4)).toBe('M0 4L0.0 4.0H5.0L5.0 0.0H10.0V4Z')
  expect(area([0, 0], 0, 10, 4)).toBe('')
})

test('the longest of the last minute, and nothing where nothing was answered', () => {
  expect(lately([900, ...Array(59).fill(null), 12])).toBe(12)
  expect(lately([900, ...Array(60).fill(null)])).toBeNull()
})
