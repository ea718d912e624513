// An answer as words, for conflicts, versions and print.

import { isEmpty } from '../../lib/answer_value'
import type { FormQuestion } from '../../lib/trace'
import { both, formatNumber, t } from '../../lib/words.svelte'

export function sayValue(question: FormQuestion, value: unknown): string {
  if (isEmpty(value)) return t('interviews.nothing')
  const one = (part: unknown) => {
    if (question.kind === 'yes_no_unknown') return t(`interviews.${String(part)}`)
    return both(question.choices?.find((choice) => choice.id === part)) || String(part)
  }
  if (Array.isArray(value)) return value.map(one).join(', ')
  if (typeof value === 'number') return formatNumber(value)
  return question.kind === 'moment' ? String(value).replace('T', ' ') : one(value)
}
