// Points on the map as people copy them, and the system they were copied in.

import type { Visit } from './trace'
import { t } from './words.svelte'

const DATUMS: NonNullable<Visit['datum']>[] = ['wgs84', 'gcj02', 'bd09']

/** What a point can be told in, for a select. */
export const datumOptions = () => DATUMS.map((value) => ({ value, label: t(`interviews.datum_${value}`) }))

/** `112.55, 37.42` or with a degree sign; longitude first, as maps in China give them. */
export function readPoint(typed: string): { lon: number; lat: number } | null | 'unreadable' {
  if (!typed.trim()) return null
  const parts = /^\s*(-?\d+(?:\.\d+)?)\s*°?\s*[,，;\s]\s*(-?\d+(?:\.\d+)?)\s*°?\s*$/.exec(typed)
  if (!parts) return 'unreadable'
  const [lon, lat] = [Number(parts[1]), Number(parts[2])]
  return Math.abs(lon) > 180 || Math.abs(lat) > 90 || (lon === 0 && lat === 0) ? 'unreadable' : { lon, lat }
}
