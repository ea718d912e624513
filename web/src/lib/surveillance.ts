// What the server says and takes about early warning: packs, sites, series, signals, assessments, milestones.

import { get, type Query } from './api'
import type { Named, Paged } from './contract'
import type { Day } from './day'

export type Grade = 'red' | 'orange' | 'yellow' | 'blue'
export type Cadence = 'day' | 'week'
export type Settings = { detector: string } & Record<string, unknown>

export interface Indicator extends Named {
  id: string
  /** Null when no site sends it. */
  kind: string | null
  unit_zh: string
  unit_en: string
  cadence: Cadence
  due_hours: number
  group: string
  adds: 'sum' | 'mean'
  whole: boolean
  most: number
  /** What it is a part of, such as all visits. */
  of: Named | null
  source: 'report' | 'cases'
  method: Settings | null
}

export interface GradeRule extends Named {
  id: Grade
  verify_hours: number
  field_hours: number
  close_days: number
  steps_zh: string[]
  steps_en: string[]
}

export interface Question extends Named {
  id: string
  help_zh?: string | null
  help_en?: string | null
  /** A yes or no when it is not said. */
  kind?: 'bool' | 'number' | 'choice'
  choices?: (Named & { id: string })[]
}

export interface Instrument {
  questions: Question[]
  /** What can follow from the answers, the gravest first. */
  conclusions: (Named & { id: string })[]
}

export type InstrumentName = 'annex2' | 'grade'

export interface SurveillancePack {
  version: string
  kinds: (Named & { id: string })[]
  indicators: Indicator[]
  groups: (Named & { id: string })[]
  grades: GradeRule[]
  reasons: (Named & { id: string })[]
  methods: string[]
  instruments: Record<InstrumentName, Instrument>
}

export type Standing = 'on_time' | 'late' | 'waiting' | 'silent' | 'none'
/** How a number came; `repeat` is the same number once more. */
export type Mark = 'on_time' | 'late' | 'correction' | 'repeat' | 'too_late'
/** A number that has not come: `waiting` is not due yet. */
export type NoMark = 'missing' | 'waiting'

export interface SiteRow {
  id: string
  name: string
  kind: string
  territory: string
  indicators: string[]
  started: Day
  ended: Day | null
  standing: {
    state: Standing
    last_day: Day | null
    last_at: string | null
    on_time_of_30: [number, number]
    complete_of_30: [number, number]
  }
}

export interface SiteDay {
  day: Day
  indicator: string
  value: number | null
  of: number | null
  at: string | null
  mark: Mark | NoMark
  /** The newest first; none when nothing came. */
  versions: { value: number | null; of: number | null; at: string; mark: Mark; by: string | null }[]
}

export interface SiteView extends SiteRow {
  reporters: { account: string; name: string | null; login?: string }[]
  days: SiteDay[]
}

export interface AskedIndicator extends Indicator {
  /** The period to report now. */
  day: Day
  due: string
  reported: { value: number; of: number | null; at: string } | null
  yesterday: number | null
  yesterday_of?: number | null
  usual: [number, number] | null
  last7: { day: Day; value: number | null }[]
  silent_days: number
}

export interface AskedSite {
  id: string
  name: string
  kind: string
  territory: string
  indicators: AskedIndicator[]
}

export interface Reporting {
  today: Day
  sites: AskedSite[]
}

export interface Kept {
  kept: { indicator: string; value: number; of: number | null; mark: Mark }[]
}

export interface CompletenessRow {
  territory: string
  sites: number
  expected: number
  received: number
  on_time: number
  zero: number
  late: number
  corrected: number
  silent_sites: { id: string; name: string; since: Day | null }[]
}

export interface Completeness {
  rows: CompletenessRow[]
  totals: Omit<CompletenessRow, 'territory' | 'silent_sites'>
}

export interface FileAccount {
  rows: number
  /** New ones and corrections: kept + same + refused = rows. */
  kept: number
  same: number
  corrected: number
  refused: (Named & { row: number; field: string | null })[]
}

export interface Point {
  day: Day
  value: number | null
  of: number | null
  sites: number
  /** How many were asked, where that is told. */
  expected_sites?: number
}

export interface BandStep {
  day: Day
  expected: number | null
  low: number | null
  high: number | null
  p: number | null
}

export interface OneSeries {
  indicator: string
  territory: string
  cadence: Cadence
  points: Point[]
  band: BandStep[]
  method: {
    detector: string | null
    settings: Record<string, unknown> | null
    why: string | null
    by: string | null
    at: string | null
  }
  signals: { id: string; day: Day; grade: Grade; state: SignalState }[]
}

export interface SeriesAnswer {
  as_of: string | null
  from: Day
  to: Day
  series: OneSeries[]
}

export type SignalState = 'raised' | 'verified' | 'field' | 'closed' | 'merged'
export type Outcome = 'outbreak' | 'not_outbreak' | 'data_fault'

export interface SignalRow {
  id: string
  rank: number
  territory: string
  group: string
  indicator: string | null
  origin: 'fusion' | 'scan' | 'rule' | 'person'
  grade: Grade
  state: SignalState
  first_day: Day
  last_day: Day
  raised: string
  due: string | null
  overdue: boolean
  sure: number | null
  once_in_days: number | null
  title_zh: string
  title_en: string
  streams: number
  false_alarms_per_week: number | null
  outcome: Outcome | null
  why: string | null
  event: string | null
  /** The loudest stream, in numbers. */
  loudest?: { indicator: string; steps: number; cadence: Cadence; observed: number; usual: [number, number] | null } | null
}

export interface SignalList extends Paged<SignalRow> {
  /** The server's clock at the answer: in a replay not that of the wall. */
  now?: string
  watched: { series: number; checked: string | null; sites: number }
  load: { territory: string; per_week: number; this_week: number }
  open: Record<Grade, number>
}

export interface EvidenceStream {
  indicator: string
  territory: string
  detector: string
  settings: Record<string, unknown>
  steps: number
  observed: number
  expected: number | null
  usual: [number, number] | null
  /** Null when a rule without a probability spoke. */
  p: number | null
  corrected: number | null
  weight: number | null
}

export interface SignalView extends SignalRow {
  now?: string
  /** Of a signal that a person raised only its source and the pack's version. */
  evidence: {
    cadence?: Cadence
    streams?: EvidenceStream[]
    kin?: string | null
    source?: string
    pack_version: string
    program_version?: string
    cluster?: null | {
      places: { territory: string; observed: number; expected?: number | null }[]
      from: Day
      to: Day
      recurrence_days: number | null
      p: number | null
    }
  }
  words_zh: string[]
  words_en: string[]
  answers: {
    at: string
    by: string | null
    state: SignalState
    grade: Grade
    /** Set when it was raised or raised again: the day that was unusual. */
    day: Day | null
    outcome: Outcome | null
    why: string | null
    note: string | null
  }[]
  siblings: SignalRow[]
}

export interface Proportion {
  n: number
  of: number
  low?: number | null
  high?: number | null
}

export type AccountsBy = 'subject' | 'detector' | 'territory'

export interface DetectorAccount {
  /** What it is an account of: a group, a detector or a place; '' for all together. */
  key: string
  raised: number
  answered: number
  closed: number
  outbreaks: number
  not_outbreaks: number
  data_faults: number
  ppv: Proportion
  median_hours: { verified: number | null; field: number | null; closed: number | null }
  within_deadline: Proportion
}

export interface TuningEffect {
  per_week: number
  outbreaks: number
  false_alarms: number
}

export interface Tuning {
  now: Record<string, number>
  proposed: Record<string, number>
  reasons: { indicator: string; closed: number; outbreaks: number; ppv: number | null }[]
  before: TuningEffect
  after: TuningEffect
  /** Over how many weeks of the past both are told. */
  weeks: number
  history: {
    id: string
    at: string
    by: string
    weights: Record<string, number>
    before: Record<string, number>
    reason: string
    reverted: string | null
  }[]
}

export type AnswerValue = boolean | number | string

export interface Assessment {
  id: string
  instrument: InstrumentName
  by: string
  at: string
  /** Null until one's own answers are given. */
  answers: Record<string, AnswerValue> | null
  reasons: Record<string, string> | null
  conclusion: string | Named | null
}

export const MILESTONES = [
  'emergence',
  'detection',
  'notification',
  'investigation',
  'analysis',
  'laboratory',
  'treatment',
  'countermeasures',
  'communication',
  'coordination',
] as const
export type MilestoneKind = (typeof MILESTONES)[number]

export interface Milestones {
  kinds: {
    kind: MilestoneKind
    day: Day | null
    applicable: boolean
    by: string | null
    at: string | null
    source: string | null
  }[]
  detect_days: number | null
  notify_days: number | null
  respond_days: number | null
  met: { detect: boolean | null; notify: boolean | null; respond: boolean | null }
}

export interface MilestoneSums {
  events: number
  detect: Proportion
  notify: Proportion
  respond: Proportion
  all: Proportion
  rows: {
    event: string
    name: string
    territory: string
    started: Day
    detect_days: number | null
    notify_days: number | null
    respond_days: number | null
    met: Milestones['met']
  }[]
}

/** The writes of this room, as `POST /api/changes/<name>` knows them. */
export type SurveillanceChange =
  | 'register-site'
  | 'amend-site'
  | 'link-reporter'
  | 'unlink-reporter'
  | 'report-numbers'
  | 'choose-method'
  | 'set-budget'
  | 'raise-signal'
  | 'answer-signal'
  | 'merge-signal'
  | 'tune-streams'
  | 'revert-tuning'
  | 'assess'
  | 'set-milestone'

type Stop = AbortSignal | undefined

/** The server answers for so many indicators at once. */
const MOST_INDICATORS = 8

export const surveillance = {
  pack: () => get<SurveillancePack>('/api/surveillance/pack'),
  async sites(query: Query, stop?: Stop): Promise<Paged<SiteRow>> {
    const page = await get<Paged<SiteRow>>('/api/sites', query, stop)
    // Sites are few enough to be counted, and always are.
    return { ...page, count: page.count && { n: page.count.n, exact: true } }
  },
  site: (id: string, stop?: Stop) => get<SiteView>(`/api/sites/${id}`, {}, stop),
  reporting: (stop?: Stop) => get<Reporting>('/api/reporting', {}, stop),
  completeness: (query: Query, stop?: Stop) => get<Completeness>('/api/completeness', query, stop),
  async series(ids: string[], query: Query, stop?: Stop): Promise<OneSeries[]> {
    const parts = Array.from({ length: Math.ceil(ids.length / MOST_INDICATORS) }, (_, at) =>
      ids.slice(at * MOST_INDICATORS, (at + 1) * MOST_INDICATORS).join(','),
    )
    const ask = (indicators: string) => get<SeriesAnswer>('/api/series', { indicators, ...query }, stop)
    return (await Promise.all(parts.map(ask))).flatMap((answer) => answer.series)
  },
  signals: (query: Query, stop?: Stop) => get<SignalList>('/api/signals', query, stop),
  signal: (id: string, stop?: Stop) => get<SignalView>(`/api/signals/${id}`, {}, stop),
  accounts: (query: Query, stop?: Stop) =>
    get<{ rows: DetectorAccount[]; total: DetectorAccount }>('/api/signals/accounts', query, stop),
  tuning: (query: Query, stop?: Stop) => get<Tuning>('/api/signals/tuning', query, stop),
  assessments: (query: Query, stop?: Stop) =>
    get<{ rows: Assessment[]; mine: InstrumentName[] }>('/api/assessments', query, stop),
  milestones: (event: string, stop?: Stop) => get<Milestones>(`/api/events/${event}/milestones`, {}, stop),
  milestoneSums: (query: Query, stop?: Stop) => get<MilestoneSums>('/api/milestones', query, stop),
}
