import { expect, test } from 'vitest'
import type { RoundBoard } from '../../lib/testing'
import { everyHour, isSilent, paceOf, shortOf, worthOf } from './round'

const HOUR = 3_600_000
const at = (hours: number) => 1_645_430_400_000 + hours * HOUR
const sums = (people: number) => ({ tubes: people / 10, people, received: 0, rejected: 0, plated: 0, reported: 0, reported_people: 0, positive: 0 })

const board: RoundBoard = {
  now: at(4.5),
  id: 'round_1',
  campaign: 'campaign_1',
  number: 1,
  territory: '14',
  opens: at(0),
  deadline: at(10),
  ended: null,
  coverage_target: 0.98,
  progress: { ...sums(4000), population: 10_000 },
  zones: [{ territory: '14/1', class: 'sealed', population: 10_000, pool_size: 10, progress: sums(4000) }],
  posts: [],
  hours: [0, 1, 2, 3].map((hour) => ({ ...sums(1000), hour: at(hour) })),
  held: 0,
  held_overdue: 0,
  shortages: [],
  may: { manage: true },
}

test('the pace of the last whole hours against what is needed', () => {
  const pace = paceOf(board)
  expect(pace.missing).toBe(5800)
  expect(pace.now).toBe(1000)
  expect(pace.needed).toBeCloseTo(5800 / 5.5, 9)
  expect(pace.expected).toBeCloseTo(0.95, 9)
})

test('an hour nobody was sampled in slows the pace; before the first whole hour there is none', () => {
  expect(paceOf({ ...board, hours: board.hours.slice(0, 3) }).now).toBeCloseTo(2000 / 3, 9)
  expect(paceOf({ ...board, now: at(0.5) }).now).toBeNull()
  expect(paceOf({ ...board, now: at(0.5) }).expected).toBeNull()
})

test('past the deadline nobody more is expected', () => {
  const pace = paceOf({ ...board, now: at(11) })
  expect(pace.needed).toBeNull()
  expect(pace.expected).toBeCloseTo(0.4, 9)
})

test('a post is silent when an hour has passed since the hour of its last tube', () => {
  const post = { id: 'post_1', name: 'A', territory: '14/1', desks: 2, last_hour: at(2), progress: null, shift: null, next_shift: null }
  expect(isSilent(post, at(3.9), at(0))).toBe(false)
  expect(isSilent(post, at(4), at(0))).toBe(true)
  expect(isSilent({ ...post, last_hour: null }, at(0.5), at(0))).toBe(false)
  expect(isSilent({ ...post, last_hour: null }, at(1), at(0))).toBe(true)
  expect(isSilent({ ...post, ended: at(3) }, at(9), at(0))).toBe(false)
})

test('an open post without a shift is named, one that has closed is not', () => {
  const shift = { id: 'shift_1', begins: at(0), ends: at(6), desks: 2, samplers: 2, leader: 'Zhou', called_off: null }
  const post = { id: 'post_1', name: 'A', territory: '14/1', desks: 2, last_hour: at(4), progress: null, shift: null, next_shift: at(6) }
  const named = (posts: RoundBoard['posts']) => shortOf({ ...board, posts }).find((one) => one.what === 'unmanned')?.n
  expect(named([post, { ...post, shift }, { ...post, ended: at(3) }])).toBe(1)
  expect(named([{ ...post, shift }])).toBeUndefined()
})

test('what is short is named with its number, and nothing else', () => {
  const names = shortOf({ ...board, held_overdue: 3 }).map((one) => [one.what, one.n])
  expect(names).toEqual([['overdue', 3], ['slow', 55], ['unreceived', 400]])
  const done = { ...sums(9900), received: 990, reported: 980, rejected: 10, population: 10_000 }
  expect(shortOf({ ...board, progress: done, zones: [{ ...board.zones[0]!, progress: sums(9900) }] }).map((one) => one.what)).toEqual(['rejected'])
})

test('an hour without a tube is an hour', () => {
  const hours = everyHour([board.hours[0]!, board.hours[3]!])
  expect(hours.map((one) => one.people)).toEqual([1000, 0, 0, 1000])
  expect(everyHour([])).toEqual([])
})

test('a worth that cannot be read is not 0', () => {
  expect([' 0.5 ', '0', '2'].map(worthOf)).toEqual([0.5, 0, 2])
  expect(['', '0,5', 'half', '-1', 'Infinity'].map(worthOf)).toEqual([null, null, null, null, null])
})
