import { expect, test } from 'vitest'
import type { AskedIndicator, Reporting } from '../../lib/surveillance'
import { before, carried, known, looksWrong, partFault, read } from './numbers'

const count = { whole: true, most: 5000 }

test('zero is a number and nothing is not', () => {
  expect(read('0', count)).toEqual({ value: 0, fault: null })
  expect(read('  ', count)).toEqual({ value: null, fault: null })
})

test('slips of the finger are told apart', () => {
  expect(read('2４', count)).toEqual({ value: 24, fault: null })
  expect(read('1,200', count)).toEqual({ value: 1200, fault: null })
  expect(read('-3', count).fault).toBe('negative')
  expect(read('2.5', count).fault).toBe('whole')
  expect(read('2.5', { whole: false, most: 5000 })).toEqual({ value: 2.5, fault: null })
  expect(read('240000', count).fault).toBe('too_many')
  expect(read('24 visits', count).fault).toBe('not_a_number')
  expect(read('1e3', count).fault).toBe('not_a_number')
  expect(partFault(12, 10)).toBe('more_than_all')
  expect(partFault(0, 0)).toBeNull()
})

test('far from what is usual is asked about, also when it is too few', () => {
  expect(looksWrong(240, [10, 40])).toBe(true)
  expect(looksWrong(0, [10, 40])).toBe(true)
  expect(looksWrong(40, [10, 40])).toBe(false)
  expect(looksWrong(9999, null)).toBe(false)
})

const indicator = (more: Partial<AskedIndicator>): AskedIndicator =>
  ({
    id: 'fever_visits',
    cadence: 'day',
    day: '2022-02-20',
    due: '2022-02-21T02:00:00.000Z',
    reported: { value: 24, of: 310, at: '2022-02-21T00:10:00Z' },
    yesterday: 22,
    usual: [10, 40],
    last7: [
      { day: '2022-02-19', value: 22 },
      { day: '2022-02-18', value: null },
      { day: '2022-02-17', value: 0 },
    ],
    silent_days: 0,
    ...more,
  }) as AskedIndicator

const asked = (one: AskedIndicator): Reporting => ({
  today: '2022-02-21',
  sites: [{ id: 'site_1', name: 'Clinic', kind: 'fever_clinic', territory: '14', indicators: [one] }],
})

test('the page of yesterday asks for today, and compares with what was sent yesterday', () => {
  const [one] = carried(asked(indicator({})), 1).sites[0]!.indicators
  expect(one).toMatchObject({ day: '2022-02-21', due: '2022-02-22T02:00:00.000Z', reported: null, yesterday: 24, yesterday_of: 310 })
  expect(one!.last7.slice(0, 3)).toEqual([
    { day: '2022-02-20', value: 24 },
    { day: '2022-02-19', value: 22 },
    { day: '2022-02-18', value: null },
  ])
})

test('a weekly number moves on only with its Monday', () => {
  // 2022-02-21 is a Monday; the week asked for began on the 14th.
  const weekly = indicator({ cadence: 'week', day: '2022-02-14', reported: null, last7: [{ day: '2022-02-07', value: 5 }] })
  expect(carried(asked(weekly), 6).sites[0]!.indicators[0]).toMatchObject({ day: '2022-02-14' })
  expect(carried(asked(weekly), 7).sites[0]!.indicators[0]).toMatchObject({ day: '2022-02-21', yesterday: null })
})

test('a clock set back changes nothing', () => {
  const kept = asked(indicator({}))
  expect(carried(kept, -3)).toBe(kept)
})

test('an earlier day is compared with the day before it', () => {
  const one = indicator({})
  expect([before(one, '2022-02-20'), before(one, '2022-02-18'), before(one, '2022-02-17')]).toEqual([22, 0, null])
  expect(known(one, '2022-02-17').value).toBe(0)
  expect(known(one, '2022-02-20')).toEqual({ value: 24, of: 310 })
})
