// A small map around some points: metres east and south of their middle, the window that holds them all, and a scale.

export interface Spot {
  lon: number
  lat: number
  metres: number | null
}

export interface Ground {
  /** Metres from the middle, the second growing to the south. */
  place: (lon: number, lat: number) => [number, number]
  /** left, top, width, height in metres. */
  box: [number, number, number, number]
  /** A round length of about a fifth of the width. */
  scale: number
}

/** Length of a degree of latitude on the sphere of the same volume as the Earth (radius 6,371,008.8 m, IUGG 1980). */
const DEGREE_METRES = (6_371_008.8 * Math.PI) / 180
/** Less than this around a single point tells nothing about where it is. */
const LEAST_METRES = 1_200

export function groundOf(spots: Spot[], wide: number, tall: number): Ground | null {
  if (spots.length === 0) return null
  const [west, east] = bounds(spots.map((spot) => spot.lon))
  const [south, north] = bounds(spots.map((spot) => spot.lat))
  const [lon0, lat0] = [(west + east) / 2, (south + north) / 2]
  const shorten = Math.cos((lat0 * Math.PI) / 180)
  const place = (lon: number, lat: number): [number, number] => [
    (lon - lon0) * DEGREE_METRES * shorten,
    (lat0 - lat) * DEGREE_METRES,
  ]
  const [x1, y1] = place(east, south)
  const round = Math.max(0, ...spots.map((spot) => spot.metres ?? 0))
  // The window keeps the shape of the picture, with room at the edge for marks and names.
  const width = Math.max(2 * (x1 + round) * 1.25, ((2 * (y1 + round) * 1.25) / tall) * wide, LEAST_METRES)
  const height = (width / wide) * tall
  return { place, box: [-width / 2, -height / 2, width, height], scale: roundLength(width / 5) }
}

export function roundLength(metres: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(metres, 1)))
  return ([5, 2, 1].find((n) => n * power <= metres) ?? 1) * power
}

function bounds(values: number[]): [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
}

/** Pictures of nearby points would hide each other: those closer than `apart` share one mark with all their numbers. */
export function gather<T extends { x: number; y: number }>(marks: T[], apart: number): { x: number; y: number; marks: T[] }[] {
  const groups: { x: number; y: number; marks: T[] }[] = []
  for (const mark of marks) {
    const near = groups.find((group) => Math.hypot(group.x - mark.x, group.y - mark.y) < apart)
    if (near) near.marks.push(mark)
    else groups.push({ x: mark.x, y: mark.y, marks: [mark] })
  }
  return groups
}
