// What the server says and takes about testing at the desk: campaigns, rounds, the bench, plates and runs, holds, and whether
// it all adds up. Moments are milliseconds. Writes go through `change`, as everywhere.

import { get, write, type Query } from './api'
import type { Named } from './contract'
import { formatMoment } from './day'

export type Millis = number

/** A moment as pages show it; nothing for one that has not come. */
export const momentText = (at: Millis | null | undefined) => (at === null || at === undefined ? '' : formatMoment(iso(at)))
export const iso = (at: Millis) => new Date(at).toISOString()
/** The same moment as forms hold it: on the reader's own wall, `2022-02-20T18:30`. */
export const wallOf = (at: Millis) => momentText(at).replace(' ', 'T')

export const AREA_CLASSES = ['isolation', 'sealed', 'control', 'precaution', 'elsewhere'] as const
export const POOL_SIZES = [1, 5, 10, 20] as const

export interface CampaignRow {
  id: string
  territory: string
  name: string
  disease: string
  ordered: string
  created: Millis
  ended: Millis | null
  rounds: number
  open_rounds: number
}

/** How far: tubes unless they are called people. */
export interface Sums {
  tubes: number
  people: number
  received: number
  rejected: number
  plated: number
  reported: number
  reported_people: number
  positive: number
}

export interface Zone {
  territory: string
  class: string
  population: number
  pool_size: number
}

export interface RoundOf {
  id: string
  number: number
  opens: Millis
  deadline: Millis
  ended: Millis | null
  zones: Zone[]
  coverage_target: number
  progress: Sums & { population: number }
}

export interface CampaignView {
  now: Millis
  id: string
  territory: string
  name: string
  disease: string
  ended: Millis | null
  rounds: RoundOf[]
  posts: { id: string; territory: string; name: string; desks: number; pool_size: number; ended: Millis | null }[]
  /** Null for those who do not read the whole of it. */
  advice: StopTold | null
  may: { manage: boolean }
}

/** The rule of the edition in force for ending rounds, and what it says; null where the edition has none. */
export type StopTold = { campaign: string; edition: Named & { id: string } } & (
  | { rule: { clean_rounds: number; pause_days: number; extra_rounds: number; coverage: number }; advice: StopAdvice }
  | { rule: null; advice: null }
)

/** What the stop rule says of a campaign's rounds. */
export interface StopAdvice {
  next: { do: 'round'; still: number } | { do: 'wait' } | { do: 'pause'; until: Millis } | { do: 'one_more' } | { do: 'stop' }
  rounds: {
    round: number
    /** Empty when it is clean. */
    why: ({ why: string } & Record<string, number | string>)[]
    in_pause: boolean
    clean_in_a_row: number
  }[]
}

/** What the pools of a zone say, and the tube they advise; shares are of one person. */
export interface PoolAdvice {
  territory: string
  pool_size: number
  seen_size: number
  pools: number
  positive: number
  estimate: number
  low: number
  high: number
  size: number
  offers: { size: number; tests: number; held: number; hours_held: number; cheapest: number }[]
}

/** What a round would need, before anybody orders it. */
export interface RoundNeeds {
  pools: PoolAdvice[] | null
  plan: {
    zones: { name: string; pool: { size: number; by_household: boolean; why: string }; sites: number; desks: number; sampler_shifts: number; tubes: Record<string, number> }[]
    labs: { name: string; tubes: number; hours: number; can_take: number }[]
    short: ({ of: string } & Record<string, number>)[]
    reachable: number
  }
  pace: Record<string, unknown>
  figures: { need: { of: string; size?: number }; number: number; rule: string; source: string }[]
  /** Of a round that was opened: samplers needed and planned, by the hour in which people are sampled. */
  hours: { begins: Millis; needed: number; planned: number }[] | null
}

export interface PostProgress {
  id: string
  name: string
  territory: string
  desks: number
  ended?: Millis | null
  /** When the hour of its last tube began. */
  last_hour: Millis | null
  progress: Sums | null
  /** The shift that is there now, and when the next one begins. */
  shift: Shift | null
  next_shift: Millis | null
}

export interface Shift {
  id: string
  begins: Millis
  ends: Millis
  desks: number
  samplers: number
  leader: string
  called_off: Millis | null
}

export interface PostShifts {
  now: Millis
  id: string
  name: string
  territory: string
  desks: number
  shifts: Shift[]
  may: { manage: boolean }
}

export const SHORT_OF = ['samplers', 'tubes', 'vans', 'lab_tubes'] as const

export interface BoxRow {
  box: string
  territory: string
  /** Absent, like its list and its time, of a box that nobody packed on a telephone. */
  post: string | null
  post_name: string | null
  tubes: number | null
  packed: Millis | null
  handed_over: Millis | null
  counted: number | null
  courier: string | null
  laboratory: string | null
  received: Millis | null
  received_tubes: number | null
  late: boolean
}

export interface Shortage {
  id: string
  round: string
  round_number: number
  campaign: string
  campaign_name: string
  territory: string
  what: (typeof SHORT_OF)[number]
  size: number | null
  needed: number
  have: number
  begins: Millis
  ends: Millis
  note: string
  told: Millis
  answered: Millis | null
  answer: string | null
}

export interface RoundBoard {
  now: Millis
  /** Not counted anew while the platform is busy. */
  kept_at?: Millis
  id: string
  campaign: string
  number: number
  territory: string
  opens: Millis
  deadline: Millis
  ended: Millis | null
  coverage_target: number
  progress: Sums & { population: number }
  zones: (Zone & { progress: Sums | null })[]
  posts: PostProgress[]
  hours: (Sums & { hour: Millis })[]
  held: number
  held_overdue: number
  /** What was told to whoever lends, the open ones first. */
  shortages: Shortage[]
  may: { manage: boolean }
}

export interface Laboratory {
  id: string
  territory: string
  name: string
  capacity: number
  report_hours: number
  ended: Millis | null
}

export interface WaitingTube {
  tube: string
  kind: string
  size: number
  people: number
  box: string | null
  received: Millis
  closed: Millis
  again: boolean
}

export interface Bench {
  now: Millis
  laboratory: string
  name: string
  territory: string
  capacity: number
  report_hours: number
  waiting: WaitingTube[]
  waiting_count: number
  next: string | null
  strays: { tube: string; box: string | null; received: Millis }[]
}

/** What the bench says of tubes that were brought; lists hold barcodes. */
export interface Received {
  received: number
  rejected: number
  again: string[]
  unregistered: string[]
  absent: string[]
}

export interface TubeView {
  tube: string
  territory: string
  round: string
  post: string
  post_name: string | null
  kind: string
  size: number
  people: { position: number; at: Millis; way: string; sheet: string | null }[]
  conflicts: { position: number; why: string }[]
  sampled: Millis
  closed: Millis
  registered: Millis
  box: string | null
  laboratory: string | null
  laboratory_name: string | null
  received: Millis | null
  rejected: string | null
  run: string | null
  well: string | null
  result: string | null
  called: Millis | null
  reported: Millis | null
  again: string | null
  /** What laboratories told of it, the first first. */
  told: { report: number; laboratory: string | null; sender: string; number: string | null; standing: string; call: Call | null; analysed: Millis | null; received: Millis; settled: Millis | null }[]
  /** Lists it was typed in from: who sampled, as they say, and who typed. */
  papers: { sampler: string; typed_by: string; typed: Millis }[]
}

export interface Assay extends Named {
  id: string
  version: string
  targets: string[]
  internal: string | null
  controls: string[]
}

export type Call = 'negative' | 'positive' | 'grey' | 'single_target' | 'invalid'
/** The gravest first. */
export const CALLS: Call[] = ['positive', 'grey', 'single_target', 'invalid', 'negative']

export type RunState = 'filled' | 'read' | 'reported' | 'void'
export const RUN_STATES: RunState[] = ['filled', 'read', 'reported', 'void']

export interface RunRow {
  id: string
  assay: string
  format: number
  state: RunState
  filled: Millis
  called: Millis | null
  reported: Millis | null
  tubes: number
  signals: number
}

export interface WellReason {
  what: string
  target?: string
  ct?: number | null
}

export interface WellView {
  well: string
  tube: string | null
  control: string | null
  cts: [string, number | null][] | null
  first: Call | null
  why: WellReason[] | null
  second: Call | null
}

export interface RunView {
  now: Millis
  id: string
  laboratory: string
  laboratory_name: string
  assay: string
  assay_zh: string
  assay_en: string
  format: number
  state: RunState
  filled: Millis
  called: Millis | null
  reported: Millis | null
  file: string | null
  notes: { voided?: string }[]
  wells: WellView[]
  reasons: Named[]
  ready: boolean
  first_reader: boolean
  may: { work: boolean }
}

export type HoldState = 'held' | 'repeat' | 'released' | 'confirmed'

export interface HoldRow {
  tube: string
  position: number
  territory: string
  state: HoldState
  since: Millis
  due: Millis
  told: Millis | null
  again: string | null
  ended: Millis | null
}

export interface HoldPage {
  now: Millis
  rows: HoldRow[]
  next: string | null
  /** Open ones, whatever was asked for. */
  count: number
}

export interface HeldPerson {
  position: number
  name: string | null
  phone: string | null
}

/** The same tubes at each stage of their way. */
export interface Stages {
  registered: number
  boxed: number
  /** Rejected ones included. */
  received: number
  rejected: number
  run: number
  reported: number
  /** Neither here nor there, and not late yet. */
  under_way: number
  in_laboratory: number
  differing: number
}

/** The gravest first. */
export const DISCREPANCIES = ['over_pooled', 'reported_unrun', 'unregistered', 'swapped', 'double', 'lost'] as const

export interface Difference {
  kind: (typeof DISCREPANCIES)[number]
  how: { how: string } & Record<string, number | string>
  count: number
  /** The first of them. */
  tubes: string[]
  post: string | null
  box: string | null
  laboratory: string | null
  run: string | null
}

export interface Books {
  now: Millis
  round: string
  number: number
  stages: Stages
  is_even: boolean
  by_post: { id: string | null; stages: Stages }[]
  by_box: { id: string | null; stages: Stages }[]
  by_laboratory: { id: string | null; stages: Stages }[]
  by_hour: { hour: Millis; stages: Stages }[]
  differences: Difference[]
  differences_count: number
}

/** A laboratory beside the others of a round. */
export interface LaboratoryBeside {
  laboratory: string
  name: string
  signals: { results: number; with: number; expected: number; p_value: number; p_adjusted: number; stands_out: 'more' | 'fewer' | null; too_few_to_tell: boolean }
  turnaround: { reported: number; late: number; too_fast: number; median_seconds: number | null }
  over_capacity: { within: 'hour' | 'day'; from: Millis; reported: number; declared: number | null }[]
}

/** A tube in which the same person's swab was before. */
export interface LookBackRow {
  tube: string
  closed: Millis
  size: number
  people: number
  received: Millis | null
  laboratory: string | null
  laboratory_name: string | null
  run: string | null
  well: string | null
  file: string | null
  box: string | null
  result: Call | null
  reported: Millis | null
}

/** The writes of these pages, as `POST /api/changes/<name>` knows them. */
export type TestingChange =
  | 'plan-campaign'
  | 'end-campaign'
  | 'open-round'
  | 'end-round'
  | 'open-post'
  | 'close-post'
  | 'plan-shift'
  | 'amend-shift'
  | 'tell-shortage'
  | 'answer-shortage'
  | 'register-laboratory'
  | 'amend-laboratory'
  | 'receive-tubes'
  | 'fill-plate'
  | 'void-run'
  | 'call-well'
  | 'report-run'
  | 'tell-hold'
  | 'map-lab-code'
  | 'settle-report'
  | 'link-outside'

type Stop = AbortSignal | undefined

interface Page<Row> {
  now: Millis
  rows: Row[]
  next: string | null
}

export const testing = {
  campaigns: (query: Query, stop?: Stop) => get<Page<CampaignRow>>('/api/lab/campaigns', query, stop),
  campaign: (id: string, stop?: Stop) => get<CampaignView>(`/api/lab/campaigns/${id}`, {}, stop),
  round: (id: string, stop?: Stop) => get<RoundBoard>(`/api/lab/rounds/${id}`, {}, stop),
  shifts: (post: string, stop?: Stop) => get<PostShifts>(`/api/lab/posts/${post}/shifts`, {}, stop),
  boxes: (query: Query, stop?: Stop) => get<Page<BoxRow>>('/api/lab/boxes', query, stop),
  shortages: (query: Query, stop?: Stop) => get<Page<Shortage>>('/api/lab/shortages', query, stop),
  laboratories: (stop?: Stop) =>
    get<{ now: Millis; rows: Laboratory[]; may: { manage: boolean; work: boolean } }>('/api/lab/laboratories', {}, stop),
  bench: (query: Query, stop?: Stop) => get<Bench>('/api/lab/bench', query, stop),
  tube: (barcode: string, stop?: Stop) => get<TubeView>(`/api/lab/tubes/${encodeURIComponent(barcode)}`, {}, stop),
  assays: (stop?: Stop) => get<{ rows: Assay[] }>('/api/lab/assays', {}, stop),
  runs: (query: Query, stop?: Stop) => get<Page<RunRow>>('/api/lab/runs', query, stop),
  run: (id: string, stop?: Stop) => get<RunView>(`/api/lab/runs/${id}`, {}, stop),
  holds: (query: Query, stop?: Stop) => get<HoldPage>('/api/lab/holds', query, stop),
  // Each is a row in the journal: not repeated by itself.
  names: (body: { tube: string; purpose: string; reason: string }) => write<{ people: HeldPerson[] }>('/api/lab/holds/names', body),
  books: (round: string, stop?: Stop) => get<Books>(`/api/lab/rounds/${round}/reconcile`, {}, stop),
  beside: (round: string, stop?: Stop) =>
    get<{ now: Millis; level: number; rows: LaboratoryBeside[] }>(`/api/lab/rounds/${round}/laboratories`, {}, stop),
  // Nothing is kept of the question.
  needs: (body: Record<string, unknown>) => write<RoundNeeds>('/api/lab/plan', body),
  lookBack: (tube: string, position: number, stop?: Stop) =>
    get<{ rows: LookBackRow[] }>('/api/lab/look-back', { tube, position }, stop),
}
