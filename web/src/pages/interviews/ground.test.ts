import { expect, test } from 'vitest'
import { gather, groundOf, roundLength } from './ground'

test('all points lie in the window, and a kilometre to the east is a kilometre', () => {
  const spots = [{ lon: 112.5, lat: 37.4, metres: 50 }, { lon: 112.6, lat: 37.45, metres: null }]
  const ground = groundOf(spots, 400, 300)!
  const [left, top, width, height] = ground.box
  for (const spot of spots) {
    const [x, y] = ground.place(spot.lon, spot.lat)
    expect(x).toBeGreaterThan(left)
    expect(x).toBeLessThan(left + width)
    expect(y).toBeGreaterThan(top)
    expect(y).toBeLessThan(top + height)
  }
  expect(width / height).toBeCloseTo(400 / 300)
  // 0.1 degrees at 37.425 N: 11.1195 km times the cosine.
  expect(ground.place(112.6, 37.4)[0] - ground.place(112.5, 37.4)[0]).toBeCloseTo(8831, -1)
  expect(ground.place(112.5, 37.4)[1]).toBeGreaterThan(ground.place(112.5, 37.45)[1])
})

test('one point has surroundings, none has no map', () => {
  expect(groundOf([{ lon: 112.5, lat: 37.4, metres: null }], 400, 300)!.box[2]).toBe(1200)
  expect(groundOf([], 400, 300)).toBeNull()
})

test('scales are round', () => {
  expect([180, 400, 999, 1200, 7300].map(roundLength)).toEqual([100, 200, 500, 1000, 5000])
})

test('marks that would hide each other become one', () => {
  const groups = gather([{ x: 0, y: 0, n: 1 }, { x: 5, y: 0, n: 2 }, { x: 100, y: 0, n: 3 }], 20)
  expect(groups.map((group) => group.marks.map((mark) => mark.n))).toEqual([[1, 2], [3]])
})
