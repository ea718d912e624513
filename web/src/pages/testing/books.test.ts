import { expect, test } from 'vitest'
import { DISCREPANCIES, type Books, type Difference, type Stages } from '../../lib/testing'
import { booksCsv, byKind, funnel } from './books'

const stages: Stages = { registered: 100, boxed: 98, received: 95, rejected: 5, run: 85, reported: 80, under_way: 3, in_laboratory: 8, differing: 4 }

test('each stage against the one before; what has time left explains part of the gap', () => {
  expect(funnel(stages).map(({ stage, n, expected, open, left }) => [stage, n, expected, open, left])).toEqual([
    ['registered', 100, 100, 0, 0],
    ['received', 95, 100, 3, 2],
    ['run', 85, 90, 5, 0],
    ['reported', 80, 85, 3, 2],
  ])
})

test('more results than runs is a gap below zero, and nothing explains it', () => {
  const reported = funnel({ ...stages, run: 80, reported: 85 }).at(-1)!
  expect([reported.open, reported.left]).toEqual([0, -5])
})

const one: Difference = { kind: 'lost', how: { how: 'never_received' }, count: 2, tubes: ['TUBE0001', 'TUBE0002'], post: 'post_1', box: 'BOX-01', laboratory: null, run: null }

test('differences stand by kind, the gravest first', () => {
  const pooled: Difference = { ...one, kind: 'over_pooled', how: { how: 'shared_well', well: 3 }, count: 3, tubes: ['A', 'B', 'C'] }
  expect(byKind([one, pooled], DISCREPANCIES).map(({ kind, tubes }) => [kind, tubes])).toEqual([
    ['over_pooled', 3],
    ['lost', 2],
  ])
})

test('the file has a line a tube', () => {
  const books = { differences: [one, { ...one, tubes: [], how: { how: 'batch_count' } }] } as unknown as Books
  const lines = booksCsv(books, { post: () => 'East', laboratory: () => '' }).trim().split('\r\n')
  expect(lines).toHaveLength(4)
  expect(lines[1]).toBe('lost,never_received,TUBE0001,2,East,BOX-01,,')
})
