// What colour a case has and why; the same answer for the canvas, the legend and the exported picture.

import { CATEGORIES, FOUND_COLOUR } from '../../lib/colours'
import type { Layout, Placed } from './layout'

export type ColourBy = 'cluster' | 'place' | 'found'

export interface Paint {
  /** Key of a case, and the token of its colour. */
  keyOf: (one: Placed) => string
  tokens: Map<string, string>
  /** For the legend, largest first. */
  keys: { key: string; count: number; token: string }[]
}

const REST = 'var(--oi-grey)'
/** More colours than these are not told apart; smaller groups share the grey. */
const COLOURS = CATEGORIES.length

/** The county a territory lies in: province, prefecture, county. */
export function county(territory: string): string {
  return territory.split('/').slice(0, 3).join('/')
}

export function paint(layout: Layout, by: ColourBy): Paint {
  const keyOf =
    by === 'found'
      ? (one: Placed) => one.node.found ?? 'unknown'
      : by === 'place'
        ? (one: Placed) => county(one.node.territory)
        : (one: Placed) => (one.group < 0 ? 'alone' : String(one.group))
  const counts = new Map<string, number>()
  for (const one of layout.placed) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1)
  const order = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const tokens = new Map<string, string>()
  let next = 0
  for (const [key] of order) {
    if (by === 'found') tokens.set(key, FOUND_COLOUR[key] ?? REST)
    else tokens.set(key, key === 'alone' || next >= COLOURS ? REST : CATEGORIES[next++]!)
  }
  return { keyOf, tokens, keys: order.map(([key, count]) => ({ key, count, token: tokens.get(key)! })) }
}
