import { expect, test } from 'vitest'
import { addDays, dayAt, dayNumber, daysBetween, formatDay } from './day'

test('a day carries its weekday in both languages', () => {
  expect(formatDay('2022-02-21', 'en')).toBe('2022-02-21 (Mon)')
  expect(formatDay('2022-02-21', 'zh')).toBe('2022-02-21（周一）')
})

test('a text that is no day is shown as it was written', () => {
  expect(formatDay('2022-02-31', 'en')).toBe('2022-02-31')
  expect(formatDay('early February', 'en')).toBe('early February')
  expect(formatDay(null, 'zh')).toBe('')
})

test('every day of eight centuries survives the way to a number and back', () => {
  const [first, last] = [dayNumber('1600-01-01')!, dayNumber('2400-12-31')!]
  const lost: number[] = []
  for (let number = first; number <= last; number++) if (dayNumber(dayAt(number)) !== number) lost.push(number)
  expect([last - first + 1, lost]).toEqual([292_560, []])
})

test('a day does not move across a leap day or a new year', () => {
  expect(addDays('2024-02-28', 1)).toBe('2024-02-29')
  expect(addDays('2021-12-31', 1)).toBe('2022-01-01')
  expect(daysBetween('2022-02-20', '2022-03-01')).toBe(9)
})
