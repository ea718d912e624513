import { expect, test } from 'vitest'
import type { SiteDay } from '../../lib/surveillance'
import { cells, tally } from './days'

const said = (day: string, value: number | null, ...marks: SiteDay['versions'][number]['mark'][]): SiteDay => ({
  day,
  indicator: 'fever_visits',
  value,
  of: null,
  at: null,
  mark: marks[0] ?? 'missing',
  versions: marks.map((mark) => ({ value, of: null, at: '2022-02-21T01:00:00Z', mark, by: null })),
})

test('zero, blank, late and corrected are four different things', () => {
  const days = [
    said('2022-02-20', 0, 'on_time'),
    said('2022-02-19', 7, 'late'),
    said('2022-02-17', 9, 'correction', 'on_time'),
    { ...said('2022-02-18', 4, 'on_time'), indicator: 'vomiting' },
  ]
  const list = cells(days, 'fever_visits', 'day', '2022-02-20', '2020-01-01', null, 4)
  expect(list.map(({ day, kind, late, corrected }) => [day, kind, late, corrected])).toEqual([
    ['2022-02-20', 'zero', false, false],
    ['2022-02-19', 'number', true, false],
    ['2022-02-18', 'blank', false, false],
    ['2022-02-17', 'number', false, true],
  ])
  expect(tally(list)).toEqual({ asked: 4, numbers: 3, zero: 1, blank: 1, late: 1, corrected: 1 })
})

test('a late number that was corrected is both', () => {
  const [cell] = cells([said('2022-02-20', 9, 'correction', 'late')], 'fever_visits', 'day', '2022-02-20', '2020-01-01', null, 1)
  expect(cell).toMatchObject({ late: true, corrected: true })
})

test('what is not due yet is no blank', () => {
  const waiting: SiteDay = { ...said('2022-02-20', null), mark: 'waiting' }
  const list = cells([waiting, said('2022-02-19', null)], 'fever_visits', 'day', '2022-02-20', '2020-01-01', null, 2)
  expect(list.map(({ kind }) => kind)).toEqual(['waiting', 'blank'])
  expect(tally(list)).toMatchObject({ asked: 1, blank: 1 })
})

test('before it began and after it ended a site owes nothing', () => {
  const list = cells([], 'fever_visits', 'day', '2022-02-04', '2022-02-02', '2022-02-03', 4)
  expect(list.map(({ kind }) => kind)).toEqual(['before', 'blank', 'blank', 'before'])
  expect(tally(list).asked).toBe(2)
})

test('weeks stand on the weekday they are named by', () => {
  const list = cells([said('2022-02-07', 3, 'on_time')], 'fever_visits', 'week', '2022-02-20', '2020-01-01', null, 21)
  expect(list.map(({ day, kind }) => [day, kind])).toEqual([
    ['2022-02-14', 'blank'],
    ['2022-02-07', 'number'],
    ['2022-01-31', 'blank'],
  ])
})
