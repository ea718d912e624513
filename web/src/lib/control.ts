// What the server says and takes about graded control: zones with levels, clocks and criteria, and what waits for a decision.

import { get, write, type Query } from './api'
import type { Named } from './contract'
import type { Millis } from './testing'

export const UNIT_KINDS = ['stairwell', 'building', 'compound', 'village', 'township', 'county'] as const

/** A county or township as a whole, or something below one by its names from the wide to the narrow. */
export interface Unit {
  territory: string
  part?: string[]
  kind: (typeof UNIT_KINDS)[number]
}

export interface Area {
  units: Unit[]
  except?: Unit[]
}

export interface Level extends Named {
  id: string
  letter_zh: string
  letter_en: string
  measures_zh: string
  measures_en: string
  rest_of_county: boolean
  units: string[]
  source: string
  confidence: string
  enter: (Named & { id: string })[]
}

export interface Edition extends Named {
  id: string
  version: string
  from: string | null
  to: string | null
  diseases: string[]
  zones: Named & { levels: Level[]; source: string }
}

export interface Levels {
  on: string
  in_force: string | null
  editions: Edition[]
}

export interface Criterion {
  kind: string
  met: boolean
  missing: string[]
  on: string | null
  days: number | null
  within_days: number | null
  coverage: number | null
  have: number | null
}

export interface Leave {
  clock: string
  /** The find that set it; empty for those who read no cases. */
  clock_find: string | null
  criteria: Criterion[]
  ready: boolean
  on: string | null
  to: string | null
}

export interface ZoneRow {
  id: string
  territory: string
  name: string
  disease: string
  event: string | null
  protocol: string
  edition: string
  level: string
  area: Area
  people: number | null
  entrances: number | null
  since: string
  first_set: string
  after_higher: boolean
  contacts: { last_exposure: string | null; without_result: number } | null
  basis: string
  released: string | null
  leave?: Leave | null
  /** The level it has to be raised to at once. */
  raise?: string | null
  may?: { propose: boolean; decide: boolean }
}

export interface Round {
  began: string
  ended: string | null
  people: number
  with_result: number
  positives_community: number
  unresolved: number
  /** By the laboratories of a campaign, and not noted by hand; which one, for those who read their work. */
  counted: boolean
  campaign: string | null
}

/** Where somebody infected was, as somebody said it. */
export interface Stay {
  id: string
  case: string
  stay: { unit: Unit; kind: string; risk: string; hard_to_trace: boolean; from: string; until: string }
}

export const STAY_KINDS = ['residence', 'surroundings', 'activity', 'stopover'] as const
export const RISKS = ['low', 'some', 'high'] as const

export interface ZoneView extends ZoneRow {
  today: string
  decided_by: string
  history: {
    seq: number
    what: string
    day: string
    level: string | null
    area: Area
    at: Millis
    by: string
    basis: string
    missing: string[]
    why: string | null
  }[]
  rounds: Round[]
  /** `counts`: the clock starts anew with it. */
  finds: { day: string; case: string; how: string; counts: boolean }[]
  stays: Stay[]
  /** What the cases are called, for those who read them; of places of others a case has no number here. */
  case_nos?: Record<string, string>
}

export interface Proposal {
  id: string
  territory: string
  zone: string | null
  what: 'set' | 'raise' | 'widen' | 'leave'
  name: string
  disease: string
  protocol: string
  edition: string
  level: string | null
  area: Area
  people: number | null
  entrances: number | null
  day: string
  reasons: { case: string; unit: Unit; rule: string; from: string; until: string; clock: string }[]
  why: string
  proposed: Millis
  by: string
  by_house: boolean
}

export interface Early {
  id: string
  zone: string
  missing: string[]
  why: string
  at: Millis
  by: string
  name: string
  territory: string
}

export interface Proposals {
  rows: Proposal[]
  case_nos: Record<string, string>
  /** Zones below that were left early and that nobody above has looked at. */
  overrides: Early[]
  may: { propose: boolean; decide: boolean; approve: boolean }
}

export interface Effect {
  protocol: string
  edition: string
  day: string
  level: string | null
  effect: {
    people: number
    unknown: Unit[]
    moved: { from: string | null; to: string | null; people: number }[]
    tests: [string, number][]
    tests_in_all: number
    checkpoints: number
    checkpoints_unknown: number
  }
  /** Granted for a hall inside, and not fitting under the level: they are decided again. */
  permits: { id: string; title: string; people: number; starts: Millis; milder: boolean }[]
}

export type ControlChange =
  | 'add-stay'
  | 'remove-stay'
  | 'propose-zone'
  | 'decide-zone'
  | 'amend-zone'
  | 'release-zone'
  | 'split-zone'
  | 'note-round'
  | 'note-contacts'
  | 'acknowledge-override'

type Stop = AbortSignal | undefined

export const control = {
  levels: (query: Query, stop?: Stop) => get<Levels>('/api/control/levels', query, stop),
  zones: (query: Query, stop?: Stop) => get<{ today: string; rows: ZoneRow[] }>('/api/control/zones', query, stop),
  zone: (id: string, stop?: Stop) => get<ZoneView>(`/api/control/zones/${id}`, {}, stop),
  proposals: (stop?: Stop) => get<Proposals>('/api/control/proposals', {}, stop),
  // Nothing is kept of the question.
  unitsIn: (corners: [number, number][]) =>
    write<{ units: Unit[]; by: string; without_point: number }>('/api/control/units-in', { corners }),
  effect: (body: Record<string, unknown>) => write<Effect>('/api/control/effect', body),
}
