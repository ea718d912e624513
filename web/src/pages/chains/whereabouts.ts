// Where to look for what is in sight, worked out once for a layout: colours and themes change without it.

import { strength } from './inferred'
import type { Layout } from './layout'
import { HEAD, radius, type View } from './painter'

/** Ends of all links that are drawn alike. */
export interface Lines {
  evidence: string
  strength: number
  x1: Float64Array
  y1: Float64Array
  x2: Float64Array
  y2: Float64Array
}

export class Whereabouts {
  /** Cases lane by lane, in each lane by day; `#starts` says where a lane begins. */
  #starts = new Int32Array(1)
  #order = new Int32Array(0)
  #xs = new Float64Array(0)
  readonly lines: Lines[] = []

  constructor(readonly layout: Layout) {
    this.#indexLanes()
    this.#indexLinks()
  }

  /** Cases of each lane in order of day, to find those in sight without asking all of them. They stand in the layout by their
   * days, so counting them into their lanes keeps that order. */
  #indexLanes() {
    const { placed, lanes } = this.layout
    const starts = new Int32Array(lanes + 1)
    for (const one of placed) starts[one.lane + 1]! += 1
    for (let lane = 0; lane < lanes; lane++) starts[lane + 1]! += starts[lane]!
    const next = starts.slice()
    this.#order = new Int32Array(placed.length)
    this.#xs = new Float64Array(placed.length)
    for (let index = 0; index < placed.length; index++) {
      const at = next[placed[index]!.lane]!++
      this.#order[at] = index
      this.#xs[at] = placed[index]!.x
    }
    this.#starts = starts
  }

  #indexLinks() {
    const { links, placed } = this.layout
    const groups = new Map<string, typeof links>()
    for (const one of links) {
      const key = `${one.link.evidence} ${strength(one.link.p)}`
      const own = groups.get(key)
      if (own) own.push(one)
      else groups.set(key, [one])
    }
    for (const own of groups.values()) {
      const { evidence, p } = own[0]!.link
      const [x1, y1, x2, y2] = Array.from({ length: 4 }, () => new Float64Array(own.length)) as [Float64Array, Float64Array, Float64Array, Float64Array]
      for (let at = 0; at < own.length; at++) {
        const from = placed[own[at]!.from]!
        const to = placed[own[at]!.to]!
        x1[at] = from.x
        y1[at] = from.lane
        x2[at] = to.x
        y2[at] = to.lane
      }
      this.lines.push({ evidence, strength: strength(p), x1, y1, x2, y2 })
    }
  }

  /** The cases in sight, by their place in the layout; no more than one above `most`. */
  inSight(view: View, width: number, height: number, most = Infinity): number[] {
    const [firstLane, lastLane] = [Math.floor((HEAD - view.oy) / view.ky) - 1, Math.ceil((height - view.oy) / view.ky) + 1]
    const [firstDay, lastDay] = [(0 - view.ox) / view.kx - 1, (width - view.ox) / view.kx + 1]
    const found: number[] = []
    for (let lane = Math.max(0, firstLane); lane < Math.min(this.layout.lanes, lastLane) && found.length <= most; lane++) {
      const past = this.#starts[lane + 1]!
      let index = lowerBound(this.#xs, firstDay, this.#starts[lane]!, past)
      for (; index < past && this.#xs[index]! <= lastDay && found.length <= most; index++) found.push(this.#order[index]!)
    }
    return found
  }

  /** The case under a point, or null. */
  at(view: View, px: number, py: number): number | null {
    const reach = Math.max(6, radius(view) + 3)
    const lane = Math.round((py - view.oy) / view.ky)
    let best: number | null = null
    let distance = reach
    for (let near = Math.max(0, lane - 1); near <= Math.min(this.layout.lanes - 1, lane + 1); near++) {
      const past = this.#starts[near + 1]!
      for (let index = lowerBound(this.#xs, (px - view.ox - reach) / view.kx, this.#starts[near]!, past); index < past; index++) {
        const x = view.ox + this.#xs[index]! * view.kx
        if (x > px + reach) break
        const away = Math.hypot(x - px, view.oy + near * view.ky - py)
        if (away < distance) [distance, best] = [away, this.#order[index]!]
      }
    }
    return best
  }
}

/** The first place from `low` on, before `high`, whose number is not below the one wanted. */
function lowerBound(xs: Float64Array, wanted: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >> 1
    if (xs[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}
