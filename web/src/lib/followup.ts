// Follow-up: who is on which pathway, what is due and what was missed, and what another edition would change.

import { Failure, get, noAnswer, sendLines, write, type Query } from './api'
import type { Band } from './counted'
import type { Day } from './day'
import { heardIn, type Heard } from './outgoing'

export type WatchPlace = 'central' | 'home' | 'monitoring'
export type Standing = 'running' | 'release_due' | 'ended' | 'suspected' | 'positive' | 're_positive'
export type TestState = 'ahead' | 'due' | 'taken' | 'missed' | 'made_up' | 'not_asked'

export interface Tick {
  criterion: string
  holds: boolean
  done: number
  of: number
}

export interface MissedItem {
  what: 'test' | 'check'
  day: Day
  /** 1 for the worker, 2 for who leads them, 3 for the level above. */
  level: number
}

export interface FollowedRow {
  id: string
  territory: string
  event: string | null
  contact: string | null
  case: string | null
  subject: string
  no: string
  disease: string | null
  category: string
  protocol: string
  protocol_zh: string | null
  protocol_en: string | null
  day_zero: Day
  exempt: string | null
  home: string
  worker: string | null
  worker_name: string | null
  route: string
  suspected_case: string | null
  standing: Standing
  ended_at: string | null
  ended_as: string | null
  age: number | null
  place: WatchPlace
  place_now: WatchPlace | null
  phase: { number: number; of: number; first: Day; planned_last: Day; last: Day }
  last: Day
  added_days: number
  level: number
  missed: MissedItem[]
  criteria: Tick[]
  due_tests: number
  checks: [number, number]
}

export type NotSeen = 'not_reached' | 'refused_check'

/** Somebody of today's round. */
export interface RoundRow extends FollowedRow {
  /** The last time today that somebody tried and saw nobody. */
  tried: { at: number; why: NotSeen } | null
  fever_celsius: number | null
}

export interface Round {
  now: number
  today: Day
  /** When today is over where the house is. */
  ends: number
  rows: RoundRow[]
}

/** One visit or call, as the door of a day takes it. */
export interface VisitLine {
  id: string
  check: string
  course: string
  at: number
  not_seen?: NotSeen
  celsius?: number | null
  signs?: string[]
  case: string
}

export interface VisitOut {
  counted: boolean
  stands: null | { standing: Standing | null; suspected_case: string | null }
}

export interface StripCell {
  day: Day
  number: number
  phase: number
  place: WatchPlace
  added: boolean
  tests: TestState[]
  checks: number
  checks_asked: number
  check_missed: boolean
}

export interface FollowedView extends FollowedRow {
  today: Day
  strip: StripCell[]
  rule: {
    missed_test_adds_days: number
    missed_check_adds_days: number
    most_added_days: number
    fever_celsius: number
    re_positive: null | { ct_below: { value: number }; what: { value: string }; changes_zone: { value: boolean } }
    not_moved: { who: string; below_age?: number; from_age?: number }[]
    source: string | null
    confidence: string | null
  }
  seen: { id: string; at: string; day: Day; celsius: number | null; signs: string[]; by: string; themselves: boolean }[]
  tests: { id: string; at: string; day: Day; outcome: string; ct: number | null; by: string; laboratory: boolean }[]
  moves: { day: Day; place: WatchPlace; by: string }[]
  tried: { id: string; at: string; why: NotSeen; by: string }[]
  released: { protocol: string; phase: number; day: Day; at: string; by: string }[]
  exempt_reason: string | null
}

export interface WaitingRow {
  contact: string
  contact_no: string
  territory: string
  event: string | null
  class: string | null
  category: string | null
  last_exposure: Day | null
  protocol: string
  protocol_zh: string
  protocol_en: string
  followed: boolean
  phases: { place: WatchPlace; first: Day; last: Day }[] | null
  last: Day | null
}

export interface Effect {
  what: string
  old_last: Day
  new_last: Day | null
  old_place: WatchPlace
  new_place: WatchPlace | null
  days_fewer: number
  switched: null | { day: Day; test: boolean }
}

export interface Preview {
  today: Day
  transition: { value: string; source: string; confidence: string }
  count: number
  effects: Record<string, number>
  rows: { course: string; no: string; category: string; territory: string; effect: Effect }[]
  next: string | null
}

interface Cited<T> {
  value: T
  source: string
  confidence: string
}

export interface Edition {
  id: string
  version: string
  zh: string
  en: string
  diseases: string[]
  from: Day | null
  to: Day | null
  source: string
  confidence: string
  pathways: {
    category: string
    source: string
    confidence: string
    phases: { place: WatchPlace; days: Cited<number>; tests: Cited<number[]> | null; any_tests: Cited<number> | null }[]
  }[]
}

export interface FollowUpCounts {
  exact: boolean
  today: Day
  /** Exact for readers of follow-up, in bands for others. */
  all: Band
  overdue: Band
  owe_test: Band
  seen_today: Band
  by_place: Record<string, Band>
  by_standing: Record<string, Band>
}

/** The writes of these pages, as `POST /api/changes/<name>` knows them. */
export type FollowUpChange =
  | 'put-on-pathway'
  | 'assign-follow-up'
  | 'tell-check'
  | 'tell-not-seen'
  | 'tell-test'
  | 'tell-test-result'
  | 'take-back-test'
  | 'move-followed'
  | 'exempt-followed'
  | 'release-followed'
  | 'end-follow-up'
  | 'switch-edition'

type Stop = AbortSignal | undefined

export const followup = {
  list: (query: Query, stop?: Stop) =>
    get<{ today: Day; rows: FollowedRow[]; next: string | null; count: number }>('/api/followup', query, stop),
  waiting: (query: Query, stop?: Stop) =>
    get<{ today: Day; rows: WaitingRow[]; next: string | null; count: number }>('/api/followup/waiting', query, stop),
  counts: (query: Query, stop?: Stop) => get<FollowUpCounts>('/api/followup/counts', query, stop),
  day: (query: Query, stop?: Stop) => get<Round>('/api/followup/day', query, stop),
  person: (id: string, stop?: Stop) => get<FollowedView>(`/api/followup/people/${id}`, {}, stop),
  /** A link of their own; the one before opens nothing any more. */
  link: (course: string, id: string) => write<{ secret: string }>(`/api/followup/people/${course}/link`, { id }),
  preview: (query: Query, stop?: Stop) => get<Preview>('/api/followup/preview', query, stop),
  length: (query: Query, stop?: Stop) =>
    get<{ days: number; residual: number; residual_before: number; source: string; tag: string }>('/api/followup/length', query, stop),
  editions: (stop?: Stop) => get<{ rows: Edition[] }>('/api/protocols', {}, stop),
  apart: (old: string, now: string, stop?: Stop) =>
    get<{ rows: { key: string; zh: string; en: string }[] }>('/api/protocols/difference', { old, new: now }, stop),
}

export const SIGNS = ['fever', 'cough', 'sore_throat', 'breathless', 'fatigue', 'headache', 'smell_taste', 'diarrhoea', 'vomiting', 'rash', 'bleeding', 'other_sign']
export const CATEGORIES = ['close_contact', 'secondary_contact', 'general_contact', 'inbound', 'high_risk_area', 'medium_risk_area', 'low_risk_area', 'high_risk_job', 'discharged']

export async function sendVisits(lines: VisitLine[]): Promise<Map<string, Heard<VisitOut>>> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  try {
    return heardIn<VisitOut>(await sendLines('/api/followup/checks', text, { 'content-type': 'application/x-ndjson' }))
  } catch (error) {
    // An answer cut off in the middle is no answer.
    throw error instanceof Failure ? error : noAnswer()
  }
}
