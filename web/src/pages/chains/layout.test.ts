import { expect, test } from 'vitest'
import { layOut, layOutInTurns, type Link, type Node } from './layout'

function person(no: string, day: string | null, generation: number | null = 0): Node {
  return {
    id: `case_${no}`, no, day, day_kind: 'onset', classification: 'confirmed', found: null, territory: '14', place: '',
    generation, cluster: 0, sex: null, age: null, age_band: null,
  }
}

const by = (from: string, to: string): Link => ({
  id: `link_${from}_${to}`, from: `case_${from}`, to: `case_${to}`, evidence: 'named', relation: null,
})

const lane = (layout: ReturnType<typeof layOut>, no: string) => layout.placed.find((one) => one.node.no === no)!.lane

test('whoever was infected stands below and whoever fell ill later stands to the right', () => {
  const layout = layOut(
    [person('b', '2022-02-20', 1), person('a', '2022-02-17'), person('c', '2022-02-20', 1), person('d', '2022-02-23', 2)],
    [by('a', 'b'), by('a', 'c'), by('c', 'd')],
  )
  expect(lane(layout, 'a')).toBeLessThan(lane(layout, 'b'))
  expect(lane(layout, 'c')).toBeLessThan(lane(layout, 'd'))
  expect(layout.placed.map((one) => one.node.no)).toEqual(['a', 'b', 'c', 'd'])
  expect(layout.groups).toHaveLength(1)
})

test('the order in which the server tells its rows does not move anybody', () => {
  const nodes = Array.from({ length: 60 }, (_, at) => person(`n${at}`, `2022-02-${String(1 + (at % 28)).padStart(2, '0')}`, at % 4))
  const links = nodes.slice(1).map((one, at) => by(nodes[Math.floor(at / 3)]!.no, one.no))
  const where = (layout: ReturnType<typeof layOut>) => layout.placed.map((one) => [one.node.no, one.x, one.lane])
  expect(where(layOut([...nodes].reverse(), [...links].reverse()))).toEqual(where(layOut(nodes, links)))
})

test('no two cases stand on the same spot', () => {
  const nodes = Array.from({ length: 400 }, (_, at) => person(`n${at}`, `2022-02-${String(1 + (at % 9)).padStart(2, '0')}`, at % 3))
  const links = nodes.slice(1, 300).map((one, at) => by(nodes[Math.floor(at / 2)]!.no, one.no))
  const spots = layOut(nodes, links).placed.map((one) => `${one.x}|${one.lane}`)
  expect(new Set(spots).size).toBe(400)
})

test('cases without a day have a column of their own, left of the first day', () => {
  const layout = layOut([person('a', '2022-02-17'), person('b', null, 1)], [by('a', 'b')])
  expect(layout.dayless).toBe(layout.firstDay - 2)
  expect(layout.placed.find((one) => one.node.no === 'b')!.x).toBe(layout.dayless)
})

test('a link to somebody outside the picture, and a ring, leave the rest standing', () => {
  const layout = layOut(
    [person('a', '2022-02-17', null), person('b', '2022-02-18', null), person('c', '2022-02-19')],
    [by('a', 'b'), by('b', 'a'), by('c', 'nobody')],
  )
  expect(layout.links).toHaveLength(2)
  expect(layout.groups).toHaveLength(1)
  expect(layout.placed.find((one) => one.node.no === 'c')!.group).toBe(-1)
})

test('the day by group counts lose nobody', () => {
  const nodes = Array.from({ length: 500 }, (_, at) => person(`n${at}`, at % 50 ? `2022-02-${String(1 + (at % 20)).padStart(2, '0')}` : null, at % 5))
  const links = nodes.slice(1, 200).map((one, at) => by(nodes[at]!.no, one.no))
  const layout = layOut(nodes, links)
  expect(layout.cells.reduce((sum, cell) => sum + cell.count, 0)).toBe(500)
})

test('laid out in turns it is the same picture, and nothing when it was stopped', async () => {
  const people = Array.from({ length: 6_000 }, (_, at) => person(`p${at}`, `2022-02-${String(10 + (at % 15)).padStart(2, '0')}`, at % 7))
  const links = people.slice(1).map((one, at) => by(`p${Math.floor(at / 3)}`, one.no))
  const [whole, stop] = [layOut(people, links), new AbortController()]
  const turned = await layOutInTurns(people, links, stop.signal)
  const where = (layout: typeof whole) => layout.placed.map((one) => [one.node.no, one.x, one.lane, one.group, one.room])
  expect(where(turned!)).toEqual(where(whole))
  expect([turned!.cells, turned!.strands, turned!.lanes]).toEqual([whole.cells, whole.strands, whole.lanes])
  stop.abort()
  expect(await layOutInTurns(people, links, stop.signal)).toBeNull()
})
