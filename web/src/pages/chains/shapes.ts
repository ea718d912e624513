// The shape says the classification, so that the picture can be read without its colours and in print.

/** Points of a shape around 0,0 with radius 1; null is a circle. */
const SHAPES: Record<string, [number, number][] | null> = {
  confirmed: null,
  asymptomatic: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
  probable: [[-0.95, -0.95], [0.95, -0.95], [0.95, 0.95], [-0.95, 0.95]],
  suspected: [[0, -1.15], [1.1, 0.8], [-1.1, 0.8]],
  discarded: [[-0.4, -1], [0.4, -1], [0.4, 1], [-0.4, 1]],
}

export const SHAPE_ORDER = ['confirmed', 'asymptomatic', 'probable', 'suspected']

/** How sure a link is, in the way its line is drawn. */
export const DASHES: Record<string, number[]> = {
  named: [],
  text: [6, 4],
  contact: [1.5, 3],
  overlap: [8, 3, 2, 3],
  inferred: [3, 5],
}

export const EVIDENCE = ['named', 'text', 'contact', 'overlap', 'inferred']

export function trace(into: Pick<Path2D, 'moveTo' | 'lineTo' | 'closePath' | 'arc'>, classification: string, x: number, y: number, r: number) {
  const points = SHAPES[classification]
  if (!points) {
    into.moveTo(x + r, y)
    into.arc(x, y, r, 0, 2 * Math.PI)
    return
  }
  for (const [index, [px, py]] of points.entries()) {
    if (index === 0) into.moveTo(x + px * r, y + py * r)
    else into.lineTo(x + px * r, y + py * r)
  }
  into.closePath()
}

/** The same shape as SVG. */
export function svgShape(classification: string, x: number, y: number, r: number, fill: string, stroke: string): string {
  const look = `fill="${fill}" stroke="${stroke}"`
  const points = SHAPES[classification]
  if (!points) return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}" ${look}/>`
  const places = points.map(([px, py]) => `${(x + px * r).toFixed(1)},${(y + py * r).toFixed(1)}`).join(' ')
  return `<polygon points="${places}" ${look}/>`
}
