// Where every case of the picture lies: its day to the right, its generation down. Nothing moves by itself (no force,
// no chance): the same cases and links give the same picture, so two people can point at the same corner of it.
// Deliberately knows nothing of pixels; see painter.ts.

import type { Chains } from '../../lib/contract'
import { dayNumber } from '../../lib/day'

export type Node = Chains['nodes'][number]
export type Link = Chains['links'][number]

/** A case with its place: `x` in days since 1970, `lane` counted from the top. */
export interface Placed {
  node: Node
  x: number
  lane: number
  /** Which connected group it belongs to, by place in `groups`; -1 when nobody is linked to it. */
  group: number
  infectors: { link: Link; from: number }[]
  infectees: { link: Link; to: number }[]
  /** Days until the next case on the same lane: the room its label has. */
  room: number
}

export interface Group {
  size: number
  firstDay: number
  top: number
  lanes: number
}

/** All cases of one group on one day, for a view too wide to show each. */
export interface Cell {
  x: number
  group: number
  count: number
  top: number
  bottom: number
}

/** All links of one group between two days. */
export interface Strand {
  group: number
  fromX: number
  toX: number
  count: number
}

export interface Layout {
  placed: Placed[]
  links: { link: Link; from: number; to: number }[]
  groups: Group[]
  cells: Cell[]
  strands: Strand[]
  firstDay: number
  lastDay: number
  lanes: number
  /** Where cases stand whose day is not known; null when there are none. */
  dayless: number | null
}

/** The whole at once. */
export function layOut(nodes: Node[], links: Link[]): Layout {
  const steps = laying(nodes, links)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** A screen's frame or so: what is pressed meanwhile is answered. */
const TURN_MS = 12

/** The same in turns, so that a page with fifty thousand cases goes on answering; null when it was stopped before the end. */
export async function layOutInTurns(nodes: Node[], links: Link[], stop: AbortSignal): Promise<Layout | null> {
  const steps = laying(nodes, links)
  let began = performance.now()
  while (!stop.aborted) {
    const step = steps.next()
    if (step.done) return step.value
    if (performance.now() - began < TURN_MS) continue
    await new Promise((go) => setTimeout(go))
    began = performance.now()
  }
  return null
}

/** Stops wherever it may be interrupted. */
function* laying(nodes: Node[], links: Link[]): Generator<void, Layout> {
  const placed = start(nodes)
  yield
  const known = yield* join(placed, links)
  const groups = yield* group(placed)
  const dayless = setDays(placed)
  yield
  const lanes = yield* stack(placed, groups)
  setRoom(placed)
  yield
  const dated = placed.filter((one) => one.x !== dayless).map((one) => one.x)
  const counted = cells(placed)
  yield
  return {
    placed,
    links: known,
    groups,
    cells: counted,
    strands: strands(placed, known),
    firstDay: least(dated),
    lastDay: most(dated),
    lanes,
    dayless,
  }
}

/** So many cases or links between two places where it may be interrupted. */
const PORTION = 2_000

// Spreading fifty thousand numbers into Math.min overflows the stack of some browsers.
const least = (numbers: number[]) => numbers.reduce((a, b) => Math.min(a, b), numbers[0] ?? 0)
const most = (numbers: number[]) => numbers.reduce((a, b) => Math.max(a, b), numbers[0] ?? 0)

function start(nodes: Node[]): Placed[] {
  const byNumber = inOrder(nodes, (a, b) => text(a.day, b.day) || text(a.no, b.no) || text(a.id, b.id))
  return byNumber.map((node) => ({ node, x: 0, lane: 0, group: -1, infectors: [], infectees: [], room: Infinity }))
}

function text(a: string | null, b: string | null): number {
  if (a === b) return 0
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0
}

/** Sorted, without the sorting where that is done already: the server sends links by their ids. */
function inOrder<T>(all: T[], compare: (a: T, b: T) => number): T[] {
  for (let at = 1; at < all.length; at++) {
    if (compare(all[at - 1]!, all[at]!) > 0) return [...all].sort(compare)
  }
  return all
}

function* join(placed: Placed[], links: Link[]): Generator<void, Layout['links']> {
  const at = new Map<string, number>()
  for (let index = 0; index < placed.length; index++) at.set(placed[index]!.node.id, index)
  yield
  const known: Layout['links'] = []
  let done = 0
  const ordered = inOrder(links, (a, b) => text(a.id, b.id))
  for (const link of ordered) {
    if (++done % PORTION === 0) yield
    const from = at.get(link.from)
    const to = at.get(link.to)
    if (from === undefined || to === undefined || from === to) continue
    known.push({ link, from, to })
    placed[from]!.infectees.push({ link, to })
    placed[to]!.infectors.push({ link, from })
  }
  // By day and number, so that the arrow keys walk through a household in the order it fell ill.
  for (const one of placed) {
    if (++done % PORTION === 0) yield
    if (one.infectors.length > 1) one.infectors.sort((x, y) => x.from - y.from)
    if (one.infectees.length > 1) one.infectees.sort((x, y) => x.to - y.to)
  }
  return known
}

/** Connected groups, the largest first, then the earliest. */
function* group(placed: Placed[]): Generator<void, Group[]> {
  const seen = new Array<boolean>(placed.length).fill(false)
  const found: number[][] = []
  for (let index = 0; index < placed.length; index++) {
    const one = placed[index]!
    if (seen[index] || (one.infectors.length === 0 && one.infectees.length === 0)) continue
    const members: number[] = []
    const waiting = [index]
    seen[index] = true
    while (waiting.length) {
      if (members.length % PORTION === 0) yield
      const next = waiting.pop()!
      members.push(next)
      const meet = (other: number) => {
        if (seen[other]) return
        seen[other] = true
        waiting.push(other)
      }
      for (const { from } of placed[next]!.infectors) meet(from)
      for (const { to } of placed[next]!.infectees) meet(to)
    }
    found.push(members.sort((a, b) => a - b))
  }
  // Members are in order of day and number, so the first tells the group's start.
  found.sort((a, b) => b.length - a.length || a[0]! - b[0]!)
  return found.map((members, index) => {
    for (const member of members) placed[member]!.group = index
    return { size: members.length, firstDay: 0, top: 0, lanes: 0 }
  })
}

/** Cases without a day stand in a column of their own, two days left of the first. */
function setDays(placed: Placed[]): number | null {
  const days = placed.map((one) => (one.node.day ? dayNumber(one.node.day) : null))
  const first = least(days.filter((day): day is number => day !== null))
  const without = first - 2
  for (const [index, one] of placed.entries()) one.x = days[index] ?? without
  return days.some((day) => day === null) ? without : null
}

/** Lanes inside each group by generation, then the groups against each other as close as their days allow. */
function* stack(placed: Placed[], groups: Group[]): Generator<void, number> {
  const members: Placed[][] = groups.map(() => [])
  const alone: Placed[] = []
  for (const one of placed) (one.group < 0 ? alone : members[one.group]!).push(one)
  const skyline = new Map<number, number>()
  let lanes = 0
  for (const [index, group] of groups.entries()) {
    const own = members[index]!
    group.lanes = yield* stackGenerations(own, placed)
    const xs = own.map((one) => one.x)
    group.firstDay = least(xs)
    lanes = Math.max(lanes, settle(own, group, skyline))
  }
  // Those linked to nobody stand below as a pile per day: what is left of the curve when the chains are taken out.
  const below = lanes ? lanes + 1 : 0
  const height = new Map<number, number>()
  for (const one of alone) {
    const at = height.get(one.x) ?? 0
    height.set(one.x, at + 1)
    one.lane = below + at
    lanes = Math.max(lanes, one.lane + 1)
  }
  return lanes
}

/** In a group every generation has its own band; in a band cases of one day stand under each other, close to who
 * infected them. The number of lanes is returned. */
function* stackGenerations(own: Placed[], all: Placed[]): Generator<void, number> {
  const last = own.reduce((most, one) => Math.max(most, one.node.generation ?? 0), 0)
  const bands = new Map<number, Placed[]>()
  for (const one of own) {
    // Behind a ring there is no generation; such cases go below everything that has one.
    const generation = one.node.generation ?? last + 1
    const band = bands.get(generation)
    if (band) band.push(one)
    else bands.set(generation, [one])
  }
  let top = 0
  for (const generation of [...bands.keys()].sort((a, b) => a - b)) {
    const band = bands.get(generation)!
    yield
    // Asked once a case and not once a comparison: a band of a large outbreak holds thousands.
    const parent = new Map(band.map((one) => [one, least(one.infectors.map((link) => all[link.from]!.lane))]))
    band.sort((a, b) => a.x - b.x || parent.get(a)! - parent.get(b)! || text(a.node.no, b.node.no))
    const used = new Map<number, number>()
    let deepest = 0
    for (const one of band) {
      const at = used.get(one.x) ?? 0
      used.set(one.x, at + 1)
      one.lane = top + at
      deepest = Math.max(deepest, at + 1)
    }
    top += deepest
  }
  return top
}

/** Moves a group down until nothing above it is in its way; the lanes used so far are returned. */
function settle(own: Placed[], group: Group, skyline: Map<number, number>): number {
  const [first, last] = [least(own.map((one) => one.x)), most(own.map((one) => one.x))]
  let top = 0
  for (let day = first - 1; day <= last + 1; day++) top = Math.max(top, skyline.get(day) ?? 0)
  group.top = top
  for (const one of own) one.lane += top
  // One empty lane between groups, so that they can be told apart.
  const end = top + group.lanes + 1
  for (let day = first - 1; day <= last + 1; day++) skyline.set(day, end)
  return top + group.lanes
}

function setRoom(placed: Placed[]) {
  const last = new Map<number, Placed>()
  // They stand in the order of their days, so on every lane too.
  for (const one of placed) {
    const before = last.get(one.lane)
    if (before) before.room = one.x - before.x
    last.set(one.lane, one)
  }
}

/** A group and a day as one number: a text for each of fifty thousand cases costs more than the counting. */
const DAYS = 100_000

function cells(placed: Placed[]): Cell[] {
  const found = new Map<number, Cell>()
  const first = least(placed.map((one) => one.x))
  for (const one of placed) {
    const key = (one.group + 1) * DAYS + one.x - first
    const cell = found.get(key)
    if (cell) {
      cell.count += 1
      cell.top = Math.min(cell.top, one.lane)
      cell.bottom = Math.max(cell.bottom, one.lane + 1)
    } else {
      found.set(key, { x: one.x, group: one.group, count: 1, top: one.lane, bottom: one.lane + 1 })
    }
  }
  return [...found.values()].sort((a, b) => a.group - b.group || a.x - b.x)
}

function strands(placed: Placed[], links: Layout['links']): Strand[] {
  const found = new Map<number, Map<number, Strand>>()
  const first = least(placed.map((one) => one.x))
  for (const { from, to } of links) {
    const fromX = placed[from]!.x
    const { x: toX, group } = placed[to]!
    if (fromX === toX) continue
    const key = (group + 1) * DAYS + toX - first
    let own = found.get(key)
    if (!own) found.set(key, (own = new Map()))
    const strand = own.get(fromX)
    if (strand) strand.count += 1
    else own.set(fromX, { group, fromX, toX, count: 1 })
  }
  return [...found.values()].flatMap((own) => [...own.values()])
}
