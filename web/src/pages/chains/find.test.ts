import { expect, test } from 'vitest'
import { findCases } from './find'
import type { Placed } from './layout'

const placed = ['A12', 'F1', 'F12', 'F2', 'f1'].map((no, at) => ({ node: { no, id: `case_${at}` } }) as Placed)

test('the very number comes first, then those that begin so, then those that hold it', () => {
  expect(findCases(placed, 'F12')).toEqual([2])
  expect(findCases(placed, ' f1 ')).toEqual([1, 4, 2])
  expect(findCases(placed, '2')).toEqual([0, 2, 3])
  expect(findCases(placed, 'case_3')).toEqual([3])
  expect(findCases(placed, '2', 2)).toEqual([0, 2])
  expect(findCases(placed, ' ')).toEqual([])
  expect(findCases(placed, 'Z')).toEqual([])
})
