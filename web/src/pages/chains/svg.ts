// The whole picture as a file that a report can carry: the same places, shapes and lines as on the screen.

import { dayAt } from '../../lib/day'
import { strength } from './inferred'
import type { Layout } from './layout'
import type { Paint } from './paint'
import { fit, HEAD, radius, type Look } from './painter'
import { DASHES, svgShape } from './shapes'

/** Wide enough for a landscape page, high enough that lanes with a label do not touch. */
const WIDTH = 1400
const LANE = 20
/** Above this many cases labels would cover the picture. */
const LABELLED = 400

const safe = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

export function chainsSvg(layout: Layout, paint: Paint, look: Look): string {
  const height = HEAD + 30 + layout.lanes * Math.min(LANE, Math.max(3, 4000 / Math.max(1, layout.lanes)))
  const view = fit(layout, WIDTH, height)
  const r = Math.max(1.5, radius(view))
  const x = (day: number) => view.ox + day * view.kx
  const y = (lane: number) => view.oy + lane * view.ky
  const parts = [`<rect width="100%" height="100%" fill="${look.ground}"/>`]
  const step = Math.max(1, Math.ceil(76 / view.kx))
  for (let day = layout.firstDay; day <= layout.lastDay; day += step) {
    parts.push(`<line x1="${x(day).toFixed(1)}" x2="${x(day).toFixed(1)}" y1="${HEAD}" y2="${height}" stroke="${look.line}"/>`)
    parts.push(`<text x="${x(day).toFixed(1)}" y="16" text-anchor="middle" fill="${look.soft}">${dayAt(day)}</text>`)
  }
  for (const { link, from, to } of layout.links) {
    const [ax, ay] = [x(layout.placed[from]!.x), y(layout.placed[from]!.lane)]
    const [bx, by] = [x(layout.placed[to]!.x), y(layout.placed[to]!.lane)]
    const dash = DASHES[link.evidence]?.length ? ` stroke-dasharray="${DASHES[link.evidence]!.join(' ')}"` : ''
    const curve = [ax, (ay + by) / 2, (ax + bx) / 2, by, bx, by].map((number) => number.toFixed(1)).join(' ')
    parts.push(`<path d="M${ax.toFixed(1)} ${ay.toFixed(1)}C${curve}" fill="none" stroke="${look.edge}" stroke-opacity="${strength(link.p)}"${dash}/>`)
  }
  for (const one of layout.placed) {
    const fill = look.colour(paint.tokens.get(paint.keyOf(one)) ?? '')
    parts.push(svgShape(one.node.classification, x(one.x), y(one.lane), Number(r.toFixed(1)), fill, look.ink))
    if (layout.placed.length <= LABELLED && one.room * view.kx > 60) {
      parts.push(`<text x="${(x(one.x) + r + 4).toFixed(1)}" y="${(y(one.lane) + 4).toFixed(1)}" fill="${look.ink}">${safe(one.node.no)}</text>`)
    }
  }
  const font = safe(look.font)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${Math.ceil(height)}" ` +
    `viewBox="0 0 ${WIDTH} ${Math.ceil(height)}" font-family="${font}" font-size="12">${parts.join('')}</svg>`
  )
}
