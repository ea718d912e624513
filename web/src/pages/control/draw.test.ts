import { expect, test } from 'vitest'
import { sheetOf, type Corner } from './draw'

test('a place on the picture is the place it was drawn from', () => {
  const points: Corner[] = [
    [112.55, 37.42],
    [112.72, 37.69],
    [113.57, 37.08],
  ]
  const sheet = sheetOf(points, 400, 300)
  for (const [lon, lat] of points) {
    const [x, y] = sheet.place(lon, lat)
    expect(x).toBeGreaterThan(0)
    expect(x).toBeLessThan(400)
    expect(y).toBeGreaterThan(0)
    expect(y).toBeLessThan(300)
    const [again, north] = sheet.back(x, y)
    expect(again).toBeCloseTo(lon, 9)
    expect(north).toBeCloseTo(lat, 9)
  }
  expect(sheet.place(112.55, 37.69)[1]).toBeLessThan(sheet.place(112.55, 37.42)[1])
})

test('a single point stands in the middle', () => {
  expect(sheetOf([[112.55, 37.42]], 400, 300).place(112.55, 37.42)).toEqual([200, 150])
})
