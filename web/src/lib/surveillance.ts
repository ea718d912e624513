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
  /** Diseases of which one case is always notified. */
  always?: Named[]
  /** The rules as people read them, the gravest first. */
  rules?: (Named & { grade: string })[]
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
  mark: Mark
  versions: number
}

export interface SiteView extends SiteRow {
  reporters: { account: string; name: string; login: string }[]
  days: SiteDay[]
}

export interface AskedIndicator extends Indicator {
  /** The period to report now. */
  day: Day
  due: string
  reported: { value: number; of: number | null; at: string } | null
  yesterday: number | null
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
  silent_sites: { id: string; name: string; since: Day }[]
}

export interface Completeness {
  rows: CompletenessRow[]
  totals: Omit<CompletenessRow, 'territory' | 'silent_sites'>
}

export interface FileAccount {
  rows: number
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
  expected_sites: number
  first_at: string | null
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
  points: Point[]
  band: BandStep[]
  method: {
    detector: string | null
    settings: Record<string, unknown>
    why: string | null
    by: string | null
    at: string | null
  }
  signals: { id: string; day: Day; grade: Grade; state: SignalState }[]
}

export interface SeriesAnswer {
  as_of: string
  from: Day
  to: Day
  cadence: Cadence
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
  origin: 'fusion' | 'scan' | 'person'
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
  watched: { series: number; checked: string | null; silent_sites: number }
  load: { territory: string; per_week: number; this_week: number; waiting: number }
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
  p: number
  corrected: number | null
  weight: number | null
}

export interface SignalView extends SignalRow {
  now?: string
  evidence: {
    day: Day
    cadence: Cadence
    streams: EvidenceStream[]
    kin: string | null
    threshold: number | null
    weight: number | null
    pack_version: string
    program_version: string
    cluster: null | {
      places: { territory: string; observed: number; expected: number }[]
      from: Day
      to: Day
      recurrence_days: number | null
      p: number | null
    }
  }
  words_zh: string
  words_en: string
  answers: {
    at: string
    by: string
    state: SignalState
    outcome: Outcome | null
    why: string | null
    note: string | null
  }[]
  raises: { at: string; day: Day; grade: Grade }[]
  siblings: SignalRow[]
}

export interface Proportion {
  n: number
  of: number
  low?: number | null
  high?: number | null
}

export interface DetectorAccount {
  indicator?: string | null
  group?: string | null
  territory: string
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
  kept_outbreaks: number
  dropped_false: number
}

export interface Tuning {
  now: Record<string, number>
  proposed: Record<string, number>
  reasons: { indicator: string; closed: number; outbreaks: number; ppv: number | null }[]
  before: TuningEffect
  after: TuningEffect
  history: {
    id: string
    at: string
    by: string
    weights: Record<string, number>
    before: Record<string, number>
    reason: string
    reverted: null | { at: string; by: string; reason: string } | string
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
    note?: string | null
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

export const surveillance = {
  pack: () => get<SurveillancePack>('/api/surveillance/pack'),
  sites: (query: Query, stop?: Stop) => get<Paged<SiteRow>>('/api/sites', query, stop),
  site: (id: string, stop?: Stop) => get<SiteView>(`/api/sites/${id}`, {}, stop),
  reporting: (stop?: Stop) => get<Reporting>('/api/reporting', {}, stop),
  completeness: (query: Query, stop?: Stop) => get<Completeness>('/api/completeness', query, stop),
  series: (query: Query, stop?: Stop) => get<SeriesAnswer>('/api/series', query, stop),
  signals: (query: Query, stop?: Stop) => get<SignalList>('/api/signals', query, stop),
  signal: (id: string, stop?: Stop) => get<SignalView>(`/api/signals/${id}`, {}, stop),
  accounts: (query: Query, stop?: Stop) => get<{ rows: DetectorAccount[] }>('/api/signals/accounts', query, stop),
  tuning: (query: Query, stop?: Stop) => get<Tuning>('/api/signals/tuning', query, stop),
  assessments: (query: Query, stop?: Stop) =>
    get<{ rows: Assessment[]; mine: boolean; agree: boolean | null }>('/api/assessments', query, stop),
  milestones: (event: string, stop?: Stop) => get<Milestones>(`/api/events/${event}/milestones`, {}, stop),
  milestoneSums: (query: Query, stop?: Stop) => get<MilestoneSums>('/api/milestones', query, stop),
}
