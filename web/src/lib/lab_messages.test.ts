import { expect, test } from 'vitest'
import { byDay, verdictRows, type VerdictRow } from './lab_messages'

test('a day is one row, whatever became of its messages', () => {
  const days = byDay([
    { day: '2022-02-20', verdict: 'accepted', messages: 7, reports: 8 },
    { day: '2022-02-21', verdict: 'refused', messages: 1, reports: 0 },
    { day: '2022-02-21', verdict: 'accepted', messages: 2, reports: 2 },
  ])
  expect(days.map((one) => [one.day, one.counts.accepted, one.counts.refused, one.reports])).toEqual([
    ['2022-02-21', 2, 1, 2],
    ['2022-02-20', 7, 0, 8],
  ])
})

test('each message is a row of the list, with every complaint and its place', () => {
  const row: VerdictRow = {
    number: 3,
    control: 'MSG-3',
    sender: 'North Lab',
    verdict: 'in_part',
    again: true,
    reports: [{ number: 1, specimen: 'SX-0001', standing: 'stray', call: 'negative' }],
    complaints: [{ code: 'report.missing', place: 'OBX[1]-3', severity: 'error', en: 'fill it in', zh: '请补上' }],
  }
  expect(verdictRows([row], (one) => one.en ?? '')).toEqual([
    [3, 'MSG-3', 'North Lab', 'in_part', 'again', 'SX-0001 stray negative', 'OBX[1]-3 · report.missing · fill it in'],
  ])
})
