// Restrictions on a person as the pages read them. Times in milliseconds.

import { get, write, type Query } from './api'

type Millis = number
type Both = { zh: string | null; en: string | null }

export type RestrictionState = 'proposed' | 'upcoming' | 'in_force' | 'suspended' | 'over'
export type RestrictionEnd = 'declined' | 'expired' | 'lapsed' | 'evidence_gone' | 'lifted' | 'appeal_won' | 'unsound'

export interface RestrictionRow {
  id: string
  territory: string
  subject: string
  kind: string
  reason: string
  state: RestrictionState
  end: RestrictionEnd | null
  proposed: Millis
  begins: Millis
  ends: Millis
  since: Millis | null
  approvals: number
  organisations: string[]
  appeal_due: Millis | null
  told: Millis | null
  /** That it ended before its time. */
  end_told: Millis | null
  end_untold: boolean
  /** Nothing of this person is known in the territory. */
  stranger: boolean
  extends: string | null
  may_approve: boolean
  may_decide: boolean
}

export interface Chain {
  id: string
  proof: string | null
  holds: boolean
  why_not: { code: string; zh: string; en: string } | null
  says: Record<string, unknown> | null
  index: string | null
  exposure: string | null
  marks: { restriction: string; why: string; at: Millis }[]
}

interface Party {
  accounts: { id: string; name: string | null; role: string | null }[]
  organisation: string | null
}

export interface AppealRow {
  id: string
  made: Millis
  due: Millis
  how: string
  /** Whether whoever looks may read the words; if so and there are none, they were erased. */
  shown: boolean
  words: string | null
  escalated: Millis | null
  decided: Millis | null
  won: boolean | null
  decider: string | null
  answer: string | null
}

export interface Verdict {
  sound: boolean
  at: Millis
  reason: string | null
}

export interface RestrictionView extends RestrictionRow {
  evidence: Chain
  article: { id: string } & Both
  pack: string
  proposer: Party
  approved_by: (Party & { at: Millis })[]
  ended: Millis | null
  ended_by: string | null
  told_how: string | null
  end_told_how: string | null
  note: string | null
  appeals: AppealRow[]
  verdict: Verdict | null
}

export interface RestrictionPack {
  version: string
  kinds: ({ id: string } & Both)[]
  reasons: ({ id: string; evidence: string[]; kinds: string[]; articles: string[]; days: number; from: 'begins' | 'exposure' } & Both)[]
  articles: ({ id: string; from: string; until: string | null } & Both)[]
  proposal_hours: number
  appeal_hours: number
  undecided: 'suspend' | 'stand'
}

export interface NoticeView {
  id: string
  state: RestrictionState
  end: RestrictionEnd | null
  ended: Millis | null
  kind: { id: string } & Both
  says: Both
  why: Both
  article: { id: string } & Both
  since: Millis | null
  until: Millis
  decided_by: string[]
  territory: string
  appeal_hours: number
  secret: string
}

export interface AuditRow extends RestrictionRow {
  evidence: Chain
  article: { id: string } & Both
  appeals: AppealRow[]
  verdict: Verdict | null
}

export interface AuditView {
  sample: { day: string; drawn: Millis; seq: number; head: string; out_of: number; picked: number; comes_out_the_same: boolean } | null
  days: string[]
  rows: AuditRow[]
  now: Millis
}

interface WhoTold {
  role: string
  organisation: string | null
  territory: string
}

export interface AlarmsView {
  alarms: { kind: string; count: number; about: (WhoTold | string)[]; restrictions: string[] }[]
  offers: { id: string; territory: string; at: Millis; by: WhoTold; rows: number; taken: number; refused: Record<string, number>; alarming: boolean }[]
  looked_at: { days: number; restrictions: number }
  now: Millis
}

export interface ListAccount {
  rows: number
  taken: { row: number; restriction: string }[]
  failures: { row: number; field: string | null; code: string; zh: string; en: string }[]
}

export type RestrictionChange =
  | 'propose-restriction'
  | 'approve-restriction'
  | 'decline-restriction'
  | 'lift-restriction'
  | 'tell-restriction'
  | 'appeal-restriction'
  | 'decide-appeal'
  | 'judge-restriction'

type Stop = AbortSignal | undefined

export const restrictions = {
  list: (query: Query, stop?: Stop) => get<{ rows: RestrictionRow[]; next: string | null; now: Millis }>('/api/restrictions', query, stop),
  one: (id: string, stop?: Stop) => get<RestrictionView>(`/api/restrictions/${id}`, {}, stop),
  pack: (stop?: Stop) => get<RestrictionPack>('/api/restrictions/pack', {}, stop),
  audit: (day: string, stop?: Stop) => get<AuditView>('/api/restrictions/audit', { day }, stop),
  alarms: (stop?: Stop) => get<AlarmsView>('/api/restrictions/alarms', {}, stop),
  // A row in the journal: not repeated by itself.
  notice: (id: string, change: string) => write<NoticeView>(`/api/restrictions/${id}/notice`, { id: change }),
}

/** Whoever takes a part in it, delivers it or looks into it. */
export const TAKES_PART = 'restrict.propose|restrict.approve|restrict.appeal|restrict.audit|contacts.write'

/** The end of a day where the department is. */
export const endOf = (day: string): number => Date.parse(`${day}T00:00:00+08:00`) + 86_400_000

/** The day it is there. */
export const dayOf = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10)
