// Two people's answers to one instrument, laid beside each other.

import type { Named } from '../../lib/contract'
import type { AnswerValue, Assessment, Instrument, InstrumentName } from '../../lib/surveillance'

export interface Compared {
  rows: Assessment[]
  /** Somebody answered, and their answers are hidden until one's own are given. */
  hidden: number
  /** Questions on which the answers that can be seen are not the same. */
  differ: string[]
}

export function compare(all: Assessment[], name: InstrumentName, instrument: Instrument): Compared {
  const rows = all.filter((one) => one.instrument === name).sort((a, b) => (a.at < b.at ? -1 : 1))
  const seen = rows.filter((one) => one.answers !== null)
  const differ = instrument.questions
    .map((question) => question.id)
    .filter((id) => new Set(seen.map((one) => String(one.answers![id] ?? ''))).size > 1)
  return { rows, hidden: rows.length - seen.length, differ }
}

export function conclusionOf(conclusion: string | Named | null, language: 'zh' | 'en'): string {
  if (conclusion === null || typeof conclusion === 'string') return conclusion ?? ''
  return language === 'zh' ? conclusion.zh : conclusion.en
}

/** What was typed or chosen, as the change carries it; null while it is not answered. */
export function answerOf(kind: 'bool' | 'number' | 'choice', typed: string): AnswerValue | null {
  if (typed.trim() === '') return null
  if (kind === 'bool') return typed === 'yes'
  if (kind === 'choice') return typed
  const n = Number(typed)
  return Number.isFinite(n) ? n : null
}
