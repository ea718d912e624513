import { expect, test } from 'vitest'
import type { Assessment, Instrument } from '../../lib/surveillance'
import { answerOf, compare, conclusionOf } from './assessment'

const question = (id: string) => ({ id, zh: id, en: id })
const annex2: Instrument = { questions: [question('serious'), question('unusual')], conclusions: [] }
const given = (id: string, answers: Assessment['answers'], instrument: Assessment['instrument'] = 'annex2'): Assessment => ({
  id,
  instrument,
  by: id,
  at: `2022-02-21T0${id}:00:00Z`,
  answers,
  reasons: {},
  conclusion: null,
})

test('answers of two people are laid side by side and their difference is named', () => {
  const all = [
    given('2', { serious: true, unusual: false }),
    given('1', { serious: true, unusual: true }),
    given('3', { cases: 4 }, 'grade'),
  ]
  const { rows, hidden, differ } = compare(all, 'annex2', annex2)
  expect(rows.map(({ id }) => id)).toEqual(['1', '2'])
  expect(hidden).toBe(0)
  expect(differ).toEqual(['unusual'])
})

test('answers not shown yet are counted, not compared', () => {
  const { hidden, differ } = compare([given('1', null)], 'annex2', annex2)
  expect([hidden, differ]).toEqual([1, []])
})

test('no answer is not a no, and zero is an answer', () => {
  expect(answerOf('bool', '')).toBeNull()
  expect(answerOf('bool', 'no')).toBe(false)
  expect(answerOf('number', '0')).toBe(0)
  expect(answerOf('number', 'many')).toBeNull()
  expect(answerOf('choice', 'airborne')).toBe('airborne')
})

test('a conclusion is read in the language of the page', () => {
  expect(conclusionOf({ zh: '应通报', en: 'Notify' }, 'en')).toBe('Notify')
  expect(conclusionOf('III', 'zh')).toBe('III')
  expect(conclusionOf(null, 'zh')).toBe('')
})
