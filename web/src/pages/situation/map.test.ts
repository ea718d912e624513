import { expect, test } from 'vitest'
import { shapePaths, shortName, stepOf, thresholds } from './map'

test('the steps of the scale are whole, rising, and start at the first case', () => {
  for (const most of [0, 1, 4, 13, 64, 900, 250_000]) {
    const [low, medium, high] = thresholds(most)
    expect(low).toBe(1)
    expect(medium).toBeGreaterThan(low)
    expect(high).toBeGreaterThan(medium)
  }
  expect(stepOf(0, thresholds(64))).toBe('normal')
  expect(stepOf(64, thresholds(64))).toBe('high')
})

test('a name is cut to its tile without losing what tells it apart', () => {
  expect(shortName('太谷区', 'zh')).toBe('太谷')
  expect(shortName('祁县', 'zh')).toBe('祁县')
  expect(shortName('Xinghualing', 'en')).toBe('Xingh.')
})

test('of a file with several levels the counties are drawn, and only near the chosen place', () => {
  const square = (path: string, x: number) => ({
    properties: { path },
    geometry: {
      type: 'Polygon' as const,
      coordinates: [
        [
          [x, 0],
          [x + 1, 0],
          [x + 1, 1],
          [x, 1],
          [x, 0],
        ],
      ],
    },
  })
  const shapes = {
    features: [square('14/1407', 0), square('14/1407/140703', 0), square('14/1401/140105', 5)],
  }
  expect(shapePaths(shapes, '', 100, 100).map(({ path }) => path)).toEqual([
    '14/1407/140703',
    '14/1401/140105',
  ])
  expect(shapePaths(shapes, '14/1407', 100, 100).map(({ path }) => path)).toEqual(['14/1407/140703'])
})
