import { expect, test } from 'vitest'
import { intervalText, pText, rangeText, shareText, weekBars } from './figures'

test('a share never stands without its interval, and none is made of nothing', () => {
  const some = { of: 278, count: 12, share: 12 / 278, low: 0.025, high: 0.074 }
  expect([shareText(some), rangeText(some)]).toEqual(['4.3 %', '2.5–7.4 %'])
  const none = { of: 0, count: 0, share: null, low: null, high: null }
  expect([shareText(none), rangeText(none)]).toEqual(['', ''])
})

test('an estimate carries its bounds', () => {
  expect(intervalText({ estimate: 0.314, low: 0.16, high: 0.9 }, 2)).toBe('0.31 (0.16–0.90)')
  expect(intervalText({ estimate: 0.314, low: 0.16, high: null }, 2)).toBe('0.31 (0.16–?)')
})

test('bars of weeks share one scale', () => {
  const bars = weekBars([{ week: '2022-W07', known: 2, of: 10 }, { week: '2022-W08', known: 15, of: 20 }])
  expect(bars.map((bar) => [bar.knownHeight, bar.height])).toEqual([[0.1, 0.5], [0.75, 1]])
  expect(weekBars([])).toEqual([])
})

test('a p-value is told to as many digits as it has', () => {
  expect([0.0004, 0.0123, 0.2, 1].map(pText)).toEqual(['p < 0.001', 'p = 0.012', 'p = 0.20', 'p = 1.00'])
})
