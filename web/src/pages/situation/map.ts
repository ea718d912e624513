// What the map shows, apart from how it is drawn: the plane, the steps of the colour scale, the tiles.

import type { Shapes } from '../../lib/api'
import type { Region } from '../../lib/contract'
import { layTiles, type Point, type Tile } from '../../lib/tiles'

export type Ring = [number, number][]

export interface Outline {
  code: string
  zh: string
  rings: Ring[]
}

/** Longitude shortened by the cosine of a middle latitude: good to a few per cent over one province. */
export function plane(latitudes: number[]): (lon: number, lat: number) => [number, number] {
  const middle = latitudes.length ? (Math.min(...latitudes) + Math.max(...latitudes)) / 2 : 0
  const shorten = Math.cos((middle * Math.PI) / 180)
  return (lon, lat) => [lon * shorten, lat]
}

/** The regions that get a tile: the county level, or the lowest level above it that is known. */
export function mapped(regions: Region[]): Region[] {
  for (const level of [3, 2, 1]) {
    const found = regions.filter(
      (region) => region.level === level && region.lon !== null && region.lat !== null,
    )
    if (found.length) return found
  }
  return []
}

export function tilesOf(regions: Region[], outlines: Outline[]): Tile[] {
  const project = plane(regions.map((region) => region.lat!))
  const points: Point[] = regions.map((region) => {
    const [x, y] = project(region.lon!, region.lat!)
    return { id: region.path, x, y }
  })
  const rings = outlines.flatMap(({ rings }) =>
    rings.map((ring) => ring.map(([lon, lat]) => project(lon, lat)) as Ring),
  )
  return layTiles(points, rings)
}

export const STEPS = ['normal', 'low', 'medium', 'high'] as const
export type Step = (typeof STEPS)[number]

/** First count of "low", "medium" and "high". Round numbers (1, 2, 5 × 10^n) about a third and two thirds of
 * the way to the largest count on a logarithmic scale, because counts of an outbreak differ by factors, not
 * by differences. */
export function thresholds(most: number): [number, number, number] {
  const medium = Math.max(5, roundStep(most ** (1 / 3)))
  return [1, medium, Math.max(medium * 2, roundStep(most ** (2 / 3)))]
}

function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)))
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= value)!
}

export function stepOf(count: number, [low, medium, high]: [number, number, number]): Step {
  if (count >= high) return 'high'
  if (count >= medium) return 'medium'
  return count >= low ? 'low' : 'normal'
}

/** A name that fits a tile: the Chinese one without its 县/区/市 when two letters stay, the pinyin one cut. */
export function shortName(name: string, language: 'zh' | 'en'): string {
  if (language === 'en') return name.length > 7 ? `${name.slice(0, 5)}.` : name
  return name.length > 2 ? name.replace(/(自治县|县|区|市)$/, '').slice(0, 3) : name
}

/** SVG path data of imported boundaries at or below `near`, fitted into `width` x `height`. A file may hold
 * several levels, one over the other; the counties are drawn, or the lowest level above them that there is.
 * */
export function shapePaths(shapes: Shapes, near: string, width: number, height: number) {
  const polygons = (geometry: Shapes['features'][number]['geometry']): Ring[] => {
    if (!geometry) return []
    return geometry.type === 'Polygon' ? geometry.coordinates : (geometry.coordinates as Ring[][]).flat()
  }
  const depth = (path: string) => path.split('/').length
  const close = shapes.features.filter(
    ({ properties: { path } }) => !near || path === near || path.startsWith(`${near}/`),
  )
  const deepest = Math.max(0, ...close.map(({ properties }) => depth(properties.path)).filter((n) => n <= 3))
  const drawn = close.filter(({ properties }) => depth(properties.path) === deepest)
  return fit(
    drawn.map(({ properties, geometry }) => ({ path: properties.path, rings: polygons(geometry) })),
    width,
    height,
  )
}

export function outlinePaths(outlines: Outline[], width: number, height: number) {
  return fit(
    outlines.map(({ code, rings }) => ({ path: code, rings })),
    width,
    height,
  )
}

function fit(areas: { path: string; rings: Ring[] }[], width: number, height: number) {
  const corners = areas.flatMap(({ rings }) => rings.flat())
  if (corners.length === 0) return []
  const project = plane(bounds(corners.map(([, lat]) => lat)))
  const [left, right] = bounds(corners.map(([lon, lat]) => project(lon, lat)[0]))
  const [bottom, top] = bounds(corners.map(([, lat]) => lat))
  const scale = Math.min(width / (right - left || 1), height / (top - bottom || 1))
  const place = (lon: number, lat: number): [number, number] => {
    const [x, y] = project(lon, lat)
    return [(x - left) * scale, (top - y) * scale]
  }
  return areas.map(({ path, rings }) => {
    const drawn = rings.map((ring) => ring.map(([lon, lat]) => place(lon, lat)))
    const d = drawn
      .map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z`)
      .join('')
    const largest = drawn.reduce((a, b) => (b.length > a.length ? b : a), drawn[0] ?? [])
    const [x0, x1] = bounds(largest.map(([x]) => x))
    const [y0, y1] = bounds(largest.map(([, y]) => y))
    return { path, d, x: (x0 + x1) / 2, y: (y0 + y1) / 2 }
  })
}

/** Least and greatest; spreading a long array into Math.min would overflow the stack. */
function bounds(values: number[]): [number, number] {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return [least, most]
}

/** The prefectures' outlines that come with the pages, fetched by the first map that wants them; none for other regions. */
export async function outlinesOf(root: string): Promise<Outline[]> {
  if (root !== '14') return []
  return (await import('../../generated/outlines.json')).default as never
}
