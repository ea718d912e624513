import { expect, test } from 'vitest'
import { lastOf, stated, statedText } from './stated'

test('a month stays a month, whichever day was typed', () => {
  const said = stated('2020-02-17', '', 'month', 'stated')!
  expect(said).toEqual({ day: '2020-02-01', until: '2020-02-29', precision: 'month', source: 'stated' })
  expect(statedText(said, 'en')).toBe('2020-02')
})

test('the last day of a month knows leap years and century years', () => {
  expect(lastOf('1900-02-03', 'month')).toBe('1900-02-28')
  expect(lastOf('2000-02-03', 'month')).toBe('2000-02-29')
  expect(lastOf('2022-04-03', 'month')).toBe('2022-04-30')
  expect(lastOf('2022-04-03', 'day')).toBeNull()
})

test('a range that ends before it starts is one day, and both ends of a real one are shown', () => {
  expect(stated('2022-02-21', '2022-02-20', 'range', 'stated')!.precision).toBe('day')
  const range = stated('2022-02-18', '2022-02-21', 'range', 'interview')!
  expect(statedText(range, 'en')).toBe('2022-02-18 (Fri) – 2022-02-21 (Mon)')
  expect(statedText(range, 'zh')).toBe('2022-02-18（周五） – 2022-02-21（周一）')
})

test('no day is no statement', () => {
  expect(stated('', '', 'day', 'stated')).toBeNull()
})
