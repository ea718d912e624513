// Draws the part of a layout that is in sight. Three depths: with labels, without, and counted per day and group; which
// one follows from how many cases are in sight, so that panning stays above 30 frames a second.

import { dayAt } from '../../lib/day'
import type { Layout, Placed } from './layout'
import type { Paint } from './paint'
import { DASHES, trace } from './shapes'
import type { Whereabouts } from './whereabouts'

export interface View {
  /** Pixels per day and per lane. */
  kx: number
  ky: number
  /** Pixel of day 0 / lane 0 (the day axis takes `HEAD` pixels of its own above). */
  ox: number
  oy: number
}

export interface Look {
  ground: string
  ink: string
  soft: string
  line: string
  edge: string
  accent: string
  font: string
  colour: (token: string) => string
}

export type Depth = 'labels' | 'shapes' | 'counts'

/** Height of the day axis. */
export const HEAD = 26
/** A person reads at most this many labels. */
const LABELLED = 300
/** More single shapes than this are a blur, and too slow without a graphics card (measured at 5,000). */
const SINGLE = 6_000
/** Curved lines above this number of links cost more than they tell. */
const CURVED = 800

export class Painter {
  #sprites = new Map<string, HTMLCanvasElement>()
  #spriteSize = 0
  readonly layout: Layout

  constructor(
    readonly where: Whereabouts,
    readonly paint: Paint,
    readonly look: Look,
  ) {
    this.layout = where.layout
  }

  draw(canvas: CanvasRenderingContext2D, view: View, width: number, height: number, lit: number | null): Depth {
    const seen = this.where.inSight(view, width, height, SINGLE)
    const r = radius(view)
    const depth: Depth = seen.length > SINGLE || r < 1 ? 'counts' : seen.length <= LABELLED && r >= 3 ? 'labels' : 'shapes'
    canvas.fillStyle = this.look.ground
    canvas.fillRect(0, 0, width, height)
    this.#drawDays(canvas, view, width, height)
    if (depth === 'counts') {
      this.#drawCounts(canvas, view, width, height)
    } else {
      this.#drawLinks(canvas, view, width, height)
      this.#drawShapes(canvas, view, seen, r)
    }
    if (lit !== null && depth !== 'counts') this.#drawLit(canvas, view, lit, r)
    if (depth === 'labels') this.#drawLabels(canvas, view, seen, r, lit)
    this.#drawHead(canvas, view, width)
    return depth
  }

  #drawDays(canvas: CanvasRenderingContext2D, view: View, width: number, height: number) {
    canvas.strokeStyle = this.look.line
    canvas.lineWidth = 1
    canvas.setLineDash([])
    canvas.beginPath()
    for (const { x } of this.#days(view, width)) {
      canvas.moveTo(Math.round(x) + 0.5, HEAD)
      canvas.lineTo(Math.round(x) + 0.5, height)
    }
    canvas.stroke()
  }

  #days(view: View, width: number): { day: number; x: number }[] {
    // A date takes about 76 pixels with its space; steps are days, weeks or four weeks.
    const step = [1, 2, 7, 14, 28, 56, 112, 364].find((days) => days * view.kx >= 76) ?? 728
    const found = []
    const first = Math.max(this.layout.firstDay, Math.floor(-view.ox / view.kx / step) * step)
    const last = Math.min(this.layout.lastDay, (width - view.ox) / view.kx)
    for (let day = Math.ceil(first / step) * step; day <= last; day += step) found.push({ day, x: view.ox + day * view.kx })
    return found
  }

  #drawHead(canvas: CanvasRenderingContext2D, view: View, width: number) {
    canvas.fillStyle = this.look.ground
    canvas.fillRect(0, 0, width, HEAD)
    canvas.fillStyle = this.look.soft
    canvas.font = `12px ${this.look.font}`
    canvas.textAlign = 'center'
    canvas.textBaseline = 'middle'
    for (const { day, x } of this.#days(view, width)) canvas.fillText(dayAt(day), x, HEAD / 2)
    if (this.layout.dayless !== null) canvas.fillText('?', view.ox + this.layout.dayless * view.kx, HEAD / 2)
    canvas.strokeStyle = this.look.line
    canvas.lineWidth = 1
    canvas.beginPath()
    canvas.moveTo(0, HEAD - 0.5)
    canvas.lineTo(width, HEAD - 0.5)
    canvas.stroke()
  }

  #drawLinks(canvas: CanvasRenderingContext2D, view: View, width: number, height: number) {
    canvas.strokeStyle = this.look.edge
    canvas.lineWidth = view.ky < 6 ? 0.6 : 1
    const { kx, ky, ox, oy } = view
    for (const { evidence, strength, x1, y1, x2, y2 } of this.where.lines) {
      const seen: number[] = []
      for (let index = 0; index < x1.length; index++) {
        const ax = ox + x1[index]! * kx
        const bx = ox + x2[index]! * kx
        const ay = oy + y1[index]! * ky
        const by = oy + y2[index]! * ky
        if ((ax < 0 && bx < 0) || (ax > width && bx > width) || (ay < HEAD && by < HEAD) || (ay > height && by > height)) continue
        seen.push(index)
      }
      // A dash pattern on thousands of lines is slow and cannot be seen; then only its lightness stays.
      const fine = seen.length <= CURVED
      canvas.setLineDash(fine ? (DASHES[evidence] ?? []) : [])
      canvas.globalAlpha = fine || evidence === 'named' ? strength : 0.6
      canvas.beginPath()
      for (const index of seen) {
        const [ax, ay, bx, by] = [ox + x1[index]! * kx, oy + y1[index]! * ky, ox + x2[index]! * kx, oy + y2[index]! * ky]
        canvas.moveTo(ax, ay)
        if (fine) canvas.bezierCurveTo(ax, (ay + by) / 2, (ax + bx) / 2, by, bx, by)
        else canvas.lineTo(bx, by)
      }
      canvas.stroke()
    }
    canvas.setLineDash([])
    canvas.globalAlpha = 1
  }

  #drawShapes(canvas: CanvasRenderingContext2D, view: View, seen: number[], r: number) {
    const size = Math.max(1, Math.round(r * 2) / 2)
    if (size !== this.#spriteSize) {
      this.#sprites.clear()
      this.#spriteSize = size
    }
    for (const index of seen) {
      const one = this.layout.placed[index]!
      const sprite = this.#sprite(one.node.classification, this.paint.tokens.get(this.paint.keyOf(one)) ?? '', size)
      const half = sprite.width / 2 / RATIO
      canvas.drawImage(sprite, view.ox + one.x * view.kx - half, view.oy + one.lane * view.ky - half, 2 * half, 2 * half)
    }
  }

  /** One small picture for each shape and colour, drawn once and stamped thousands of times. */
  #sprite(classification: string, token: string, r: number): HTMLCanvasElement {
    const key = `${classification}|${token}`
    const had = this.#sprites.get(key)
    if (had) return had
    const side = Math.ceil(r * 1.3 + 2) * 2
    const sprite = document.createElement('canvas')
    sprite.width = sprite.height = side * RATIO
    const canvas = sprite.getContext('2d')!
    canvas.scale(RATIO, RATIO)
    const path = new Path2D()
    trace(path, classification, side / 2, side / 2, r)
    canvas.fillStyle = this.look.colour(token)
    canvas.fill(path)
    canvas.strokeStyle = this.look.ink
    canvas.lineWidth = r >= 3 ? 1 : 0.5
    canvas.stroke(path)
    this.#sprites.set(key, sprite)
    return sprite
  }

  #drawLabels(canvas: CanvasRenderingContext2D, view: View, seen: number[], r: number, lit: number | null) {
    canvas.fillStyle = this.look.ink
    canvas.font = `12px ${this.look.font}`
    canvas.textAlign = 'left'
    canvas.textBaseline = 'middle'
    for (const index of seen) {
      const one = this.layout.placed[index]!
      const room = one.room * view.kx - 2 * r - 6
      const fits = view.ky >= 11 && canvas.measureText(one.node.no).width <= room
      if (!fits && index !== lit) continue
      const [x, y] = [view.ox + one.x * view.kx + r + 4, view.oy + one.lane * view.ky]
      // A rim of the ground's colour keeps the number readable where a line passes behind it.
      canvas.strokeStyle = this.look.ground
      canvas.lineWidth = 3
      canvas.strokeText(one.node.no, x, y)
      canvas.fillText(one.node.no, x, y)
    }
  }

  #drawLit(canvas: CanvasRenderingContext2D, view: View, lit: number, r: number) {
    const one = this.layout.placed[lit]!
    const spot = (of: Placed) => [view.ox + of.x * view.kx, view.oy + of.lane * view.ky] as const
    const others = [...one.infectors.map((link) => link.from), ...one.infectees.map((link) => link.to)]
    canvas.strokeStyle = this.look.accent
    canvas.lineWidth = 2
    canvas.beginPath()
    const [x, y] = spot(one)
    for (const { from } of one.infectors) {
      const [ax, ay] = spot(this.layout.placed[from]!)
      canvas.moveTo(ax, ay)
      canvas.bezierCurveTo(ax, (ay + y) / 2, (ax + x) / 2, y, x, y)
    }
    for (const { to } of one.infectees) {
      const [bx, by] = spot(this.layout.placed[to]!)
      canvas.moveTo(x, y)
      canvas.bezierCurveTo(x, (y + by) / 2, (x + bx) / 2, by, bx, by)
    }
    canvas.stroke()
    canvas.beginPath()
    for (const index of [lit, ...others]) {
      const [cx, cy] = spot(this.layout.placed[index]!)
      canvas.moveTo(cx + r + 3, cy)
      canvas.arc(cx, cy, r + 3, 0, 2 * Math.PI)
    }
    canvas.stroke()
    this.#drawShapes(canvas, view, [lit, ...others], r)
  }

  #drawCounts(canvas: CanvasRenderingContext2D, view: View, width: number, height: number) {
    const middle = new Map<string, number>()
    const wide = Math.max(1.5, view.kx * 0.7)
    for (const cell of this.layout.cells) middle.set(`${cell.group}|${cell.x}`, (cell.top + cell.bottom) / 2)
    canvas.strokeStyle = this.look.edge
    canvas.globalAlpha = 0.5
    for (const strand of this.layout.strands) {
      const [ax, bx] = [view.ox + strand.fromX * view.kx, view.ox + strand.toX * view.kx]
      if (Math.max(ax, bx) < 0 || Math.min(ax, bx) > width) continue
      const [ay, by] = [strand.fromX, strand.toX].map((x) => view.oy + middle.get(`${strand.group}|${x}`)! * view.ky)
      if (Math.max(ay!, by!) < HEAD || Math.min(ay!, by!) > height) continue
      // Width tells the number of links by its logarithm, from one hair to four pixels.
      canvas.lineWidth = Math.min(4, 0.5 + Math.log10(strand.count))
      canvas.beginPath()
      canvas.moveTo(ax, ay!)
      canvas.lineTo(bx, by!)
      canvas.stroke()
    }
    canvas.globalAlpha = 1
    canvas.font = `11px ${this.look.font}`
    canvas.textAlign = 'center'
    canvas.textBaseline = 'middle'
    for (const cell of this.layout.cells) {
      const [x, top] = [view.ox + cell.x * view.kx, view.oy + (cell.top - 0.5) * view.ky]
      const tall = Math.max(1.5, (cell.bottom - cell.top) * view.ky)
      if (x + wide < 0 || x - wide > width || top + tall < HEAD || top > height) continue
      const token = this.paint.tokens.get(cell.group < 0 ? 'alone' : String(cell.group))
      canvas.fillStyle = this.look.colour(token ?? 'var(--oi-grey)')
      canvas.fillRect(x - wide / 2, top, wide, tall)
      if (wide > 22 && tall > 12) {
        canvas.fillStyle = this.look.ink
        canvas.fillText(String(cell.count), x, top + tall / 2)
      }
    }
  }
}

const RATIO = typeof devicePixelRatio === 'number' ? Math.max(1, devicePixelRatio) : 1

/** A case is as large as its lane allows, up to 7 pixels. */
export function radius(view: View): number {
  return Math.min(7, view.ky * 0.36, view.kx * 0.42)
}

/** Everything in sight, lanes no taller than a label needs. */
export function fit(layout: Layout, width: number, height: number): View {
  const first = layout.dayless ?? layout.firstDay
  const days = Math.max(1, layout.lastDay - first)
  const [left, right] = [44, 90]
  const kx = Math.min(110, Math.max(0.5, (width - left - right) / days))
  const ky = Math.min(26, Math.max(0.01, (height - HEAD - 24) / Math.max(1, layout.lanes)))
  return { kx, ky, ox: left - first * kx, oy: HEAD + 14 }
}

/** Closer or further, the point under the pointer staying where it is. A wide picture is flat when seen whole: until its
 * lanes can be told apart they grow faster than its days, and days that are wide enough wait for them. */
export function zoom(view: View, by: number, px: number, py: number): View {
  const flat = view.ky < 12 && by > 1
  const kx = Math.min(400, Math.max(0.2, view.kx * (flat && view.kx > 24 ? by ** 0.25 : by)))
  const ky = Math.min(40, Math.max(0.005, view.ky * (flat ? by ** 2 : by)))
  return {
    kx,
    ky,
    ox: px - ((px - view.ox) / view.kx) * kx,
    oy: py - ((py - view.oy) / view.ky) * ky,
  }
}
