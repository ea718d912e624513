// What of an interview form is asked, and what of it is still wanted.

import { isEmpty } from '../../lib/answer_value'
import type { FormQuestion, InterviewForm } from '../../lib/trace'

export type Values = Record<string, unknown>

/** A question that depends on another is asked once that one has the answer it waits for. */
export function isAsked(question: FormQuestion, values: Values): boolean {
  const when = question.shown_if
  if (!when) return true
  const said = values[when.question]
  return Array.isArray(said) ? said.includes(when.is) : !isEmpty(said) && String(said) === when.is
}

/** The form as it is asked about a disease. */
export function formFor(form: InterviewForm, disease: string | null | undefined): InterviewForm {
  const sections = form.sections.filter(({ diseases }) => !diseases?.length || (disease ? diseases.includes(disease) : false))
  return { ...form, sections }
}

export function questionsOf(form: InterviewForm): FormQuestion[] {
  return form.sections.flatMap((section) => section.questions)
}

/** Needed, asked, and not answered; "unknown" is an answer. */
export function missing(form: InterviewForm, values: Values): FormQuestion[] {
  return questionsOf(form).filter(
    (question) => question.needed && isAsked(question, values) && isEmpty(values[question.id]),
  )
}

export function progress(form: InterviewForm, values: Values): { done: number; of: number } {
  const needed = questionsOf(form).filter((question) => question.needed && isAsked(question, values))
  return { done: needed.filter((question) => !isEmpty(values[question.id])).length, of: needed.length }
}
