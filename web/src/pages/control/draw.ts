// A map that is drawn on: from longitude and latitude to places on the picture, and back.

import { plane } from '../situation/map'

export type Corner = [lon: number, lat: number]

export interface Sheet {
  place: (lon: number, lat: number) => [number, number]
  back: (x: number, y: number) => Corner
}

/** Part of the width and height that stays free around the outermost points. */
const MARGIN = 0.12

/** Fits the points into `width` x `height`. One point alone is shown with a quarter of a degree around it. */
export function sheetOf(points: Corner[], width: number, height: number): Sheet {
  const lons = points.map(([lon]) => lon)
  const lats = points.map(([, lat]) => lat)
  const middle = [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2] as const
  const shorten = plane(lats)(1, 0)[0]
  const wide = Math.max((Math.max(...lons) - Math.min(...lons)) * shorten, 0.25)
  const tall = Math.max(Math.max(...lats) - Math.min(...lats), 0.25)
  const scale = Math.min(width / wide, height / tall) * (1 - 2 * MARGIN)
  return {
    place: (lon, lat) => [width / 2 + (lon - middle[0]) * shorten * scale, height / 2 - (lat - middle[1]) * scale],
    back: (x, y) => [middle[0] + (x - width / 2) / (shorten * scale), middle[1] - (y - height / 2) / scale],
  }
}
