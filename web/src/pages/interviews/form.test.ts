import { expect, test } from 'vitest'
import type { FormQuestion, InterviewForm } from '../../lib/trace'
import { sameValue } from '../../lib/answer_value'
import { formFor, isAsked, missing, progress } from './form'

const question = (id: string, more: Partial<FormQuestion> = {}): FormQuestion => ({ id, zh: id, en: id, kind: 'text', ...more })

const FORM: InterviewForm = {
  id: 'core', zh: '', en: '', due_hours: 4,
  sections: [
    {
      id: 'ill', zh: '', en: '',
      questions: [
        question('onset', { kind: 'day', needed: true }),
        question('works', { kind: 'yes_no_unknown', needed: true }),
        question('where', { needed: true, shown_if: { question: 'works', is: 'yes' } }),
        question('signs', { kind: 'choices' }),
        question('fever', { kind: 'number', needed: true, shown_if: { question: 'signs', is: 'fever' } }),
      ],
    },
  ],
}

test('a question that depends on another waits for the answer it depends on', () => {
  const [, , where, , fever] = FORM.sections[0]!.questions
  expect(isAsked(where!, {})).toBe(false)
  expect(isAsked(where!, { works: 'no' })).toBe(false)
  expect(isAsked(where!, { works: 'yes' })).toBe(true)
  expect(isAsked(fever!, { signs: ['cough'] })).toBe(false)
  expect(isAsked(fever!, { signs: ['cough', 'fever'] })).toBe(true)
})

test('progress counts needed questions that are asked, and "unknown" is an answer', () => {
  expect(progress(FORM, {})).toEqual({ done: 0, of: 2 })
  expect(progress(FORM, { works: 'yes' })).toEqual({ done: 1, of: 3 })
  expect(missing(FORM, { works: 'yes', onset: '2022-02-20' }).map((one) => one.id)).toEqual(['where'])
  expect(progress(FORM, { works: 'unknown', onset: '2022-02-20' })).toEqual({ done: 2, of: 2 })
  expect(missing(FORM, { works: 'no', onset: '2022-02-20', signs: ['fever'], fever: 0 })).toEqual([])
})

test('the same choices in another order are the same answer', () => {
  expect(sameValue(['a', 'b'], ['b', 'a'])).toBe(true)
  expect(sameValue('', null)).toBe(true)
  expect(sameValue(['a'], ['a', 'b'])).toBe(false)
  expect(sameValue(0, null)).toBe(false)
})

test('a section about some diseases is asked about those only', () => {
  const food = { id: 'food', zh: '', en: '', diseases: ['norovirus'], questions: [question('ate', { needed: true })] }
  const form = { ...FORM, sections: [...FORM.sections, food] }
  expect(formFor(form, 'norovirus').sections.map((section) => section.id)).toEqual(['ill', 'food'])
  expect(formFor(form, 'covid').sections.map((section) => section.id)).toEqual(['ill'])
  expect(formFor(form, null).sections.map((section) => section.id)).toEqual(['ill'])
})
