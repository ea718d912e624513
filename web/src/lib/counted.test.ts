import { expect, test } from 'vitest'
import { told } from './counted'

test('a count is told as far as somebody may know it', () => {
  expect(told(0)).toBe('0')
  expect(told(12345)).toBe('12,345')
  expect(told({ from: 1000, to: 1004 })).toBe('1,000–1,004')
  expect(told({ withheld: true })).toBe('*')
})
