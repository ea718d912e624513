import { expect, test } from 'vitest'
import type { GradeRule, SignalView } from '../../lib/surveillance'
import { chance, deadlines, left, nextStep, onceIn } from './signal'

const NOW = Date.parse('2022-02-21T08:00:00Z')

test('time left is told in the largest unit of which there are two', () => {
  expect(left('2022-02-21T09:30:00Z', NOW)).toEqual({ over: false, unit: 'minutes', n: 90 })
  expect(left('2022-02-21T11:10:00Z', NOW)).toEqual({ over: false, unit: 'hours', n: 3 })
  expect(left('2022-02-21T05:00:00Z', NOW)).toEqual({ over: true, unit: 'hours', n: 3 })
  expect(left('2022-02-25T09:00:00Z', NOW)).toEqual({ over: false, unit: 'days', n: 4 })
})

test('a clock of another year says nothing instead of a thousand days', () => {
  expect(left('2022-02-21T09:30:00Z', Date.parse('2026-02-21T08:00:00Z'))).toBeNull()
  expect(left('soon', NOW)).toBeNull()
})

const rule = { verify_hours: 6, field_hours: 24, close_days: 7 } as GradeRule
const signal = (state: string, answers: { at: string; state: string; day?: string }[], due: string | null = null) =>
  ({ state, due, raised: '2022-02-21T00:00:00Z', answers: answers.map((one) => ({ by: 'Wang', day: null, ...one })) }) as unknown as SignalView

test('each deadline is kept, missed or still running', () => {
  const [verify, field, close] = deadlines(signal('verified', [{ at: '2022-02-21T07:00:00Z', state: 'verified' }]), rule, NOW)
  expect(verify).toMatchObject({ due: '2022-02-21T06:00:00.000Z', inTime: false, by: 'Wang' })
  expect(field).toMatchObject({ inTime: null, done: null })
  expect(close).toMatchObject({ due: '2022-02-28T00:00:00.000Z', inTime: null })
})

test('a step nobody took and whose time has passed is missed', () => {
  expect(deadlines(signal('raised', []), rule, NOW)[0]).toMatchObject({ step: 'verify', done: null, inTime: false })
})

test('a signal closed at the desk was verified then, and its field step is gone', () => {
  const steps = deadlines(signal('closed', [{ at: '2022-02-21T03:00:00Z', state: 'closed' }]), rule, NOW)
  expect(steps.map(({ step, inTime }) => [step, inTime])).toEqual([
    ['verify', true],
    ['close', true],
  ])
})

test('a renewal is no answer, and a graver grade has its own clock', () => {
  const renewed = { at: '2022-02-21T05:00:00Z', state: 'verified', day: '2022-02-21' }
  const [verify, field] = deadlines(signal('verified', [renewed], '2022-02-23T05:00:00Z'), rule, NOW)
  expect(verify!.done).toBeNull()
  expect(field!.due).toBe('2022-02-23T05:00:00.000Z')
})

test('long waits for chance are told in years', () => {
  expect([0.2, 19.4, 729, 2900, 2.7e10].map(onceIn)).toEqual([
    { unit: 'days', n: 1 },
    { unit: 'days', n: 19 },
    { unit: 'days', n: 729 },
    { unit: 'years', n: 8 },
    { unit: 'never', n: 100 },
  ])
})

test('what follows each state, and nothing after the end', () => {
  expect(['raised', 'verified', 'field', 'closed', 'merged'].map((state) => nextStep(state as never))).toEqual([
    'verify',
    'field',
    'close',
    null,
    null,
  ])
})

test('a chance is written without an exponent', () => {
  expect([0.5, 0.012345, 0.00042, 0.0000031, 1e-9].map(chance)).toEqual(['0.50', '0.012', '0.00042', '0.0000031', '< 0.000001'])
})
