import { expect, test } from 'vitest'
import { layTiles, type Point } from './tiles'

// A crowded town in the middle of wide country: the case that naive rounding to a grid cannot solve.
const crowded: Point[] = [
  ...Array.from({ length: 9 }, (_, n) => ({ id: `town-${n}`, x: 50 + (n % 3), y: 50 + Math.floor(n / 3) })),
  ...Array.from({ length: 40 }, (_, n) => ({ id: `land-${n}`, x: (n * 37) % 101, y: (n * 61) % 97 })),
]

test('every region has a tile of its own', () => {
  const tiles = layTiles(crowded)
  expect(tiles).toHaveLength(crowded.length)
  expect(new Set(tiles.map((tile) => `${tile.column},${tile.row}`)).size).toBe(crowded.length)
})

test('the same regions in another order give the same picture', () => {
  const asMap = (points: Point[]) =>
    new Map(layTiles(points).map((tile) => [tile.id, `${tile.column},${tile.row}`]))
  expect(asMap([...crowded].reverse())).toEqual(asMap(crowded))
})

test('north stays up and west stays left', () => {
  const corners = [
    { id: 'nw', x: 0, y: 10 },
    { id: 'ne', x: 10, y: 10 },
    { id: 'sw', x: 0, y: 0 },
    { id: 'se', x: 10, y: 0 },
  ]
  const at = Object.fromEntries(layTiles(corners).map((tile) => [tile.id, tile]))
  expect(at.nw!.row).toBeLessThan(at.sw!.row)
  expect(at.nw!.column).toBeLessThan(at.ne!.column)
})

test('tiles stay on the land when its outline is known', () => {
  // An L: the upper right quarter is not land.
  const land: [number, number][] = [
    [0, 0],
    [10, 0],
    [10, 5],
    [5, 5],
    [5, 10],
    [0, 10],
  ]
  const points = Array.from({ length: 12 }, (_, n) => ({
    id: String(n),
    x: (n % 4) * 3,
    y: Math.floor(n / 4) * 2,
  }))
  const tiles = layTiles(points, [land])
  const [columns, rows] = [Math.max(...tiles.map((t) => t.column)), Math.max(...tiles.map((t) => t.row))]
  expect(tiles.some((tile) => tile.row === 0 && tile.column === columns)).toBe(false)
  expect(rows).toBeGreaterThan(1)
})
