import { expect, test } from 'vitest'
import { layOut, type Link, type Node } from './layout'
import type { View } from './painter'
import { Whereabouts } from './whereabouts'

const node = (no: string, day: string | null): Node => ({ id: no, no, day, generation: 0, classification: 'confirmed', territory: '14' }) as Node
const link = (from: string, to: string): Link => ({ id: `${from}-${to}`, from, to, evidence: 'named' }) as Link

const layout = layOut(
  [node('A', '2022-02-01'), node('B', '2022-02-04'), node('C', '2022-02-04'), node('D', null), node('E', '2022-02-09')],
  [link('A', 'B'), link('A', 'C'), link('C', 'E')],
)
const where = new Whereabouts(layout)
const view: View = { kx: 40, ky: 20, ox: -layout.firstDay * 40 + 100, oy: 60 }
const [wide, tall] = [2000, 2000]

test('everybody is in sight of a window that holds all, and under the point where they lie', () => {
  const seen = where.inSight(view, wide, tall)
  expect([...seen].sort()).toEqual(layout.placed.map((_, at) => at))
  for (const [at, one] of layout.placed.entries()) expect(where.at(view, view.ox + one.x * view.kx, view.oy + one.lane * view.ky)).toBe(at)
  expect(where.at(view, 1990, 1990)).toBeNull()
})

test('who looks for a few stops at the first above them', () => {
  expect(where.inSight(view, wide, tall, 2)).toHaveLength(3)
  const narrow = where.inSight({ ...view, ox: view.ox - 8 * 40 }, 150, tall).map((at) => layout.placed[at]!.node.no)
  expect(narrow).toEqual(['E'])
})

test('lines hold the ends of every link', () => {
  const [lines] = where.lines
  expect(lines!.x1).toHaveLength(3)
  const days = [...lines!.x2].map((x, at) => x - lines!.x1[at]!)
  expect(days.sort((a, b) => a - b)).toEqual([3, 3, 5])
})
