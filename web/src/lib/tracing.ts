// What the server says of how well tracing goes, and of where cases came from.

import type { Day } from './day'
import type { Bilingual } from './trace'

export interface Proportion {
  of: number
  count: number
  share: number | null
  low: number | null
  high: number | null
}

/** With loose ends: a bound that could not be found is null. */
export interface LooseInterval {
  estimate: number
  low: number | null
  high: number | null
}

export interface TraceMeasures {
  /** For whoever is not of the team: counts this small are told with the events only. */
  outline?: { floor: number }
  /** Share of new cases who were known contacts before. */
  known_before: Proportion
  by_week: { week: string; known: number; of: number }[]
  days_to_isolated?: {
    n: number
    median: number | null
    /** Of the median, at 95 %; open when too few are isolated. */
    low: number | null
    high: number | null
    within_24h: Proportion
  } | null
  /** The share is of those whose days are over or who fell ill; the others are still watched. */
  attack: { kind: string; contacts: number; became: number; watched: number; proportion: Proportion }[]
  /** What `kind` names: the exposure, or only the class as long as exposures are not recorded. */
  attack_by?: 'kind' | 'class'
  offspring: { n: number; r: LooseInterval; k: { estimate: number | null; low: number | null; high: number | null } } | null
  serial: { n: number; mean: LooseInterval; sd: number | null; truncated: boolean } | null
  /** Cases without a source, as many as are listed. */
  open_ends: { id: string; case_no: string; onset: Day | null }[]
  open_ends_count?: number | null
  /** That no one infectious is free; what it takes for granted, by codes. */
  cut: {
    probability: number | null
    as_of: string
    ascertainment?: number
    notes: string[]
    /** In English: which case does not fit, and what to do. */
    why_not: string | null
  } | null
}

/** What may have been the source, and how strongly it is pointed at: a person by the model; a place, a gathering, a lot by who was there. */
export interface Hypothesis {
  kind: 'place' | 'event' | 'goods' | 'person'
  id: string
  name: string
  explains: number
  of: number
  /** Of a person the share again, of a place the lower end of the odds ratio, when it has one. */
  score: number | null
  /** Share of the model's draws in which this person is the source; null of a place. */
  share: number | null
  /** How often chance alone would have brought as many of the ill to one of the places asked about; null of a person. */
  p_value: number | null
}

export interface SourcesAnswer {
  /** The model still draws; whom it names comes with its end. */
  ready?: boolean
  cases: {
    id: string
    case_no: string
    hypotheses: Hypothesis[]
    ask_next: { question_zh: string; question_en: string; about: string; bits: number }[]
  }[]
}

/** Chains as the model draws them, or word that it is still drawing. */
export type Inferred =
  | { ready: false; state: 'running' | 'waiting'; since: string | null; cases: number; ask_again_s: number }
  | {
      ready: true
      links: { from: string; to: string; p: number }[]
      converged: boolean
      rhat: number | null
      note: (Bilingual & { code: string }) | null
    }

export interface Mention {
  from: string
  from_no?: string
  to: string
  to_no?: string
  relation: string | null
  /** How the text names it: the whole number, a part of it, a range. */
  evidence: string
  /** Of several that the text names for one case, the one who fell ill first. */
  earliest?: boolean
  already: boolean
}
