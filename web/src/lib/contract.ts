// What the server says and takes, as types. One place, so that a change of the contract is found by the compiler.

import type { Band } from './counted'
import type { Day } from './day'
import type { FollowUpChange } from './followup'
import type { LoadChange } from './load'
import type { MeasureChange } from './measures'
import type { SurveillanceChange } from './surveillance'
import type { RosterChange } from './rosters'
import type { TasksChange } from './tasks'
import type { RestrictionChange } from './restrictions'
import type { ControlChange } from './control'
import type { TestingChange } from './testing'
import type { TraceChange } from './trace'

export interface Named {
  zh: string
  en: string
}

export interface Account {
  id: string
  login: string
  name: string
  role: string
  territory: string
  permissions: string[]
  purposes: string[]
  purpose: string
  second_factor: boolean
  /** The role needs a second factor here and there is none yet: nothing else is open. */
  must_enrol: boolean
  /** Behind a broken glass, or for a colleague. */
  acting: null | {
    kind: 'glass' | 'delegation'
    id: string
    territory: string
    disease?: string | null
    for?: string
    ends_at: string
  }
}

/** The password was right; a code is wanted too. */
export interface HalfIn {
  ticket: string
  needs: 'code'
}

export interface OwnSession {
  id: string
  method: string
  since: string
  proved: string
  last_seen: string
  from: string
  agent: string
}

export interface Factors {
  totp: { since: string } | null
  recovery_left: number
  required: boolean
}

export interface TokenRow {
  id: string
  name: string
  territory: string
  permissions: string[]
  made_by: string
  created: string
  ends: string
  revoked: string | null
  last_used: string | null
  over: boolean
}

export interface State {
  version: string
  first_run: boolean
  demo: boolean
  account: Account | null
  csrf: string | null
  /** The day it is for this server: in a replay or a drill not the day of the wall clock. */
  today?: Day
  roles: (Named & { id: string; purposes: string[]; comes_for_zh?: string; comes_for_en?: string })[]
  purposes: (Named & { id: string })[]
}

export interface Region extends Named {
  path: string
  code: string
  level: number
  population: number | null
  lon: number | null
  lat: number | null
}

export interface Disease extends Named {
  id: string
  pathogen: string
  class_cn: string
  parameters: { name: string; value: unknown; unit: string; source: string }[]
  classifications: Record<string, string[]>
  earlies: Record<string, number>
}

/** The scheduled backups: a good one was restored elsewhere, verified and read. */
export interface BackupStanding {
  scheduled: boolean
  last_good: null | { at: string; rows: number; journal_rows: number; head: string }
  failed: string | null
}

export interface Pack extends Named {
  kind: string
  id: string
  version: string
  source: string
}

export interface Interval {
  n: number
  low: number
  high: number
}

export interface SerialInterval extends Interval {
  mean: number
  sd: number
}

export interface Situation {
  as_of: string
  /** Not counted anew while the platform is busy. */
  kept_at?: number
  last_day: Day | null
  figures: {
    new_cases: { today: number; yesterday: number }
    total_cases: number
    contacts_watched: { today: number; yesterday: number }
    under_care: Interval & { of: number }
    serial_interval: SerialInterval | null
    open_ends: { n: number; of: number }
  }
  curve: { kind: string; days: Day[]; series: { key: string; counts: number[] }[] }
  earlies: {
    early: string
    limit_days: number
    n: number
    within: number
    low: number
    high: number
    median_days: number | null
  }[]
  map: { territory: string; cases: number; contacts: number }[]
  unplaced: number
}

/** What somebody outside the working team gets instead: bands, and no way to narrow the question. */
export interface Outline {
  as_of: string
  kept_at?: number
  outline: { floor: number }
  total_cases: Band
  total_contacts: Band
  found: { under_care: Band; community: Band }
  classifications: Record<string, Band>
  weeks: { first_days: Day[]; counts: Band[] }
  map: { territory: string; cases: Band; contacts: Band }[]
}

export interface PublicPlace extends Named {
  path: string
}

export interface Bulletin {
  id: string
  place: PublicPlace
  at: string
  text_zh: string
  text_en: string
  counts: { place: PublicPlace; cases: Band }[]
  demo: boolean
}

export interface EventRow {
  id: string
  name: string
  disease: string
  territory: string
  status: 'open' | 'closed'
  started: Day
  cases: Band
  contacts: Band
  last_change: string | null
}

export interface EventView {
  id: string
  name: string
  disease: string
  territory: string
  status: 'open' | 'closed'
  started: Day
  ended: Day | null
  summary: string | null
  last_change?: string | null
  figures: { id: string; day: Day; kind: string; value: number; territory: string; source: string }[]
  places: {
    id: string
    name: string
    territory: string
    kind: string
    first_day: Day | null
    last_day: Day | null
  }[]
  notes: { id: string; at: string; by: string; text: string }[]
  counts: { cases: Band; contacts: Band; links: Band }
  clock: { first_onset: Day | null; first_result: Day | null; first_report: Day | null }
}

export interface CaseRow {
  id: string
  case_no: string
  event: string | null
  territory: string
  place: string | null
  sex: string | null
  age: number | null
  age_band: string | null
  disease: string | null
  classification: string
  outcome: string | null
  found: string | null
  dates: Record<string, Day | undefined>
  infectors: number
  infectees: number
  changed_at: string
}

export interface StatedDay {
  day: Day
  until?: Day | null
  precision: string
  source: string
}

export interface CaseView extends CaseRow {
  subject: string
  same_person: { here: PersonRecords[]; elsewhere: number }
  list: string | null
  stated_dates: Record<string, StatedDay | undefined>
  states: { classification: string; day: Day | null; by: string | null; at: string; reason: string | null }[]
  occupation: string | null
  /** The disease pack that gave the ladder. */
  pack: string | null
  /** `case` is null when the other end lies outside the reader's scope or, with `dangling`, is not known at all. */
  links: {
    id: string | null
    direction: 'from' | 'to'
    case: string | null
    case_no: string
    evidence: string
    relation: string | null
    classification?: string | null
    day?: Day | null
    dangling?: boolean
  }[]
  contacts: ContactRow[]
  next_classifications: string[]
  history: { at: string; by: string | null; change: string; fields: string[] }[]
  has_identity: boolean
}

export interface ContactRow {
  id: string
  contact_no: string
  event: string | null
  territory: string
  place: string | null
  sex: string | null
  age: number | null
  age_band: string | null
  subject: string
  class: string | null
  relation: string | null
  first_exposure: Day | null
  last_exposure: Day | null
  source_case: string | null
  source_case_no: string | null
  status: 'watched' | 'released' | 'became_case'
  became_case: string | null
  /** The person is a case under another record. */
  known_case: { id: string; case_no: string } | null
  changed_at: string
}

/** A case or a contact as far as it says who it is about. */
export interface PersonRecord {
  kind: 'case' | 'contact'
  id: string
  no: string
  event: string | null
  territory: string
  place: string | null
  sex: string | null
  age: number | null
  age_band: string | null
  occupation: string | null
  status: string
  disease: string | null
  day: Day | null
}

export interface PersonRecords {
  subject: string
  records: PersonRecord[] | null
}

export interface LookAlike {
  one: PersonRecords
  other: PersonRecords
  bits: number
  verdict: 'same' | 'ask' | 'different'
  reasons: { word: string; bits: number }[]
}

export interface Duplicates {
  pairs: LookAlike[]
  /** Proposed of those that were looked at; `met` share something. */
  proposed: number
  looked_at: number
  met: number
}

export interface KnownPeople {
  here: PersonRecords[]
  /** Departments to ask. */
  elsewhere: string[]
}

export interface Identity {
  name: string | null
  id_number: string | null
  phone: string | null
  address: string | null
  extra: Record<string, string>
}

export interface Chains {
  nodes: {
    id: string
    no: string
    day: Day | null
    day_kind: string | null
    classification: string
    found: string | null
    territory: string
    place: string
    /** Longest way from a case without a known source; null behind a ring of links. */
    generation: number | null
    cluster: number
    sex: string | null
    age: number | null
    age_band: string | null
  }[]
  /** `p`: how probable an inferred link is; recorded links have none. */
  links: { id: string; from: string; to: string; evidence: string; relation: string | null; p?: number }[]
  serial: (SerialInterval & { median: number; negative: number }) | null
  offspring: { mean: number; k: number | null; max: number; share_top_20: number | null } | null
  clusters: number
  open_ends: number
  dangling: number
  /** Groups of cases that name each other in a circle: a fault of the links, shown so that it is mended. */
  rings?: number
}

export interface ImportReport {
  rows: number
  created: number
  updated: number
  unchanged: number
  skipped: number
  failed: number
  encoding?: string
  mapping?: Record<string, string>
  links?: { created: number; unchanged: number; removed?: number; dangling: number }
  /** Cases that rows about links or contacts brought along. */
  cases?: Record<string, number>
  /** How many of each code, also of those not listed. */
  problem_counts?: Record<string, number>
  changes_total?: number
  problems?: {
    row: number
    column: string | null
    value: string | null
    code: string
    severity: string
    message: string
  }[]
  problems_total?: number
  changes?: {
    row: number
    case_no: string
    fields: { field: string; before: string | null; after: string | null }[]
  }[]
}

export interface ImportRow {
  id: string
  name: string
  state: string
  at: string
  by: string
  kind: string
  event: string | null
  report: ImportReport | null
}

export interface ImportColumn {
  index: number
  header: string
  samples: string[]
  blank_share: number
  field: string | null
  certainty: number
  why: string
  date_format: null | {
    chosen: string | null
    possible: string[]
    ambiguous: boolean
    /** Days are written without a year; one for the whole file is asked for. */
    needs_year?: boolean
    examples: { text: string; reads: { format: string; day: Day }[] }[]
  }
  values: { text: string; count: number; to: string | null }[]
  allowed: string[] | null
}

export interface ImportView {
  id: string
  name: string
  state: string
  error: null | (Named & { code: string })
  /** Null for an import of the past whose file is no longer held. */
  file: null | {
    format: string
    encoding: string | null
    delimiter: string | null
    sheet: string | null
    sheets: string[]
    header_row: number | null
    columns: number
    bytes: number
    sha256: string
  }
  kind: string
  recognised?: string | null
  event: string | null
  list?: null | { id: string | null; name: string | null; is_new: boolean }
  fields: (Named & { field: string; group: string })[]
  columns: ImportColumn[]
  defaults?: ImportDefaults
  remember?: boolean
  questions: (Named & { code: string; column: string })[]
  progress: null | { done: number; total: number; per_second: number }
  report: ImportReport | null
}

export interface ImportDefaults {
  classification: string | null
  disease: string | null
  territory: string
  year?: number | null
}

export interface ImportMapping {
  kind: string
  event: string | null
  /** The columns answered anew; the others stay as they are. */
  columns: { index: number; field: string | null; date_format: string | null; values: Record<string, string> }[]
  defaults: ImportDefaults
  remember: boolean
  sheet?: string
  header_row?: number
  encoding?: string
}

export interface AccountRow {
  id: string
  login: string
  name: string
  role: string
  territory: string
  disabled: boolean
  organisation: string | null
  second_factor: boolean
  created_at: string
  last_seen: string | null
}

export interface Party {
  name: string
  role: string
  territory: string
  organisation: string | null
}

/** A request for a second person. */
export interface AskRow {
  id: string
  kind: string
  about: string
  territory: string
  asker: Party | null
  /** The colleague in whose place the asker acted. */
  asked_for: Party | null
  asked_at: string
  state: 'waiting' | 'agreed' | 'refused' | 'used' | 'expired'
  ends_at: string
  reason: string | null
  answerer: Party | null
  answered_at: string | null
  note: string | null
}

export interface Asks {
  mine: AskRow[]
  waiting: AskRow[]
}

/** What the sign-in page offers besides a password; `passkeys` is the address at which they work. */
export interface Ways {
  passkeys: string | null
  providers: { id: string; zh: string; en: string; issuer: string }[]
}

export interface PasskeyRow {
  id: string
  name: string
  added: string
  used: string | null
  doubted: string | null
}

export interface OwnPasskeys {
  rows: PasskeyRow[]
  here: string | null
}

export interface LinkedRow {
  id: string
  issuer: string
  subject: string
  added: string
  used: string | null
  acr: string | null
  amr: string | null
}

export interface WaysOfAccount {
  passkeys: PasskeyRow[]
  linked: LinkedRow[]
}

/** What `navigator.credentials` is to be asked, with base64url where it wants bytes. */
export interface Ceremony {
  ticket: string
  options: { publicKey: any }
}

export interface Shown {
  ticket: string
  answer: Record<string, unknown>
}

export interface Sees {
  role: string
  territory: string
  permissions: (Named & { id: string })[]
  cases: Band
  contacts: Band
  purposes: string[]
  diseases: (Named & { id: string; level: string; named: boolean; reads_for: string[] })[]
  lent: LoanRow[]
  borrowed: LoanRow[]
  glass: { id: string; territory: string; ends_at: string }[]
  writes: string[]
}

export interface LoanRow {
  id: string
  territory: string
  role: string
  permissions: string[]
  lender: Party | null
  delegate: Party | null
  lent_at: string
  ends_at: string
  running: boolean
}

export interface Loans {
  lent: LoanRow[]
  borrowed: LoanRow[]
  others: LoanRow[]
}

export interface GlassRow {
  id: string
  territory: string
  disease: string | null
  who: Party | null
  reason: string | null
  broken_at: string
  ends_at: string
  running: boolean
  overdue: boolean
  justified: boolean | null
  judge: string | null
  note: string | null
  judged_at: string | null
  looks: { at: string; change: string; about: string[] }[]
}

export interface Glasses {
  mine: GlassRow[]
  overseen: GlassRow[]
}

export interface DiseaseAccessRow extends Named {
  id: string
  pack: string
  level: string
}

export interface JournalRow {
  seq: number
  at: string
  by: string
  change: string
  purpose?: string
  territory: string
  basis: string
  hash: string
  about: string[]
}

export interface Verified {
  rows: number
  ok: boolean
  first_bad: number | null
  head: string
  faults: { seq: number; last: number; kind: string; en: string; zh: string }[]
  more_faults: number
  /** How many were compared, and how many of them agreed. */
  checkpoints: number
  agreed: number
}

export interface Checkpoint {
  key: string
  strange_lines: number
  checkpoint: null | {
    seq: number
    at: string
    head: string
    root: string
    origin: string
    code: string
    witnesses: { key: string; at: string }[]
  }
}

/** One page of a list read by key; `next` asks for the page after it. */
export interface Paged<Row> {
  rows: Row[]
  next: string | null
  count?: { n: number; exact: boolean }
}

export type ChangeName =
  | LoadChange
  | 'open-event'
  | 'amend-event'
  | 'close-event'
  | 'add-note'
  | 'add-place'
  | 'add-figure'
  | 'report-case'
  | 'amend-case'
  | 'classify-case'
  | 'add-contact'
  | 'amend-contact'
  | 'link-cases'
  | 'unlink-cases'
  | 'part-people'
  | 'publish-bulletin'
  | 'withdraw-bulletin'
  | 'create-account'
  | 'set-account'
  | 'end-session'
  | 'end-other-sessions'
  | 'end-sessions'
  | 'reset-second-factor'
  | 'create-token'
  | 'revoke-token'
  | 'reset-password'
  | 'add-passkey'
  | 'name-passkey'
  | 'remove-passkey'
  | 'take-passkeys'
  | 'unlink-provider'
  | 'link-account'
  | 'unlink-account'
  | 'ask-second-person'
  | 'answer-ask'
  | 'set-hold'
  | 'end-glass'
  | 'judge-glass'
  | 'lend-role'
  | 'end-lending'
  | 'set-disease-access'
  | 'name-for-disease'
  | FollowUpChange
  | SurveillanceChange
  | TestingChange
  | TasksChange
  | RosterChange
  | RestrictionChange
  | ControlChange
  | MeasureChange
  | TraceChange

export interface Clock extends Named {
  id: string
  purpose: string
  keep_days: number
  warn_days: number
  automatic: boolean
  why: { zh: string; en: string }
  tag: string
  due: number
  soon: number
  held: number
}

export interface Clocks {
  version: string
  clocks: Clock[]
  holds: { event: string; name: string; since: string; reason: string | null }[]
}

export interface DueList {
  clock: string
  day: string
  /** What a second person agrees to. */
  about: string
  due: number
  held: number
  by_territory: Record<string, number>
  list: { owner: string; territory: string; runs_out: string; held: boolean }[]
}

export interface ErasureRow {
  erasure: string
  territory: string
  ground: string
  clock: string | null
  people: number
  events_without_notes: number
  import_reports: number
  second_person: boolean
  journal_row: number
  at: string
}

export interface Who {
  role: string
  organisation: string | null
  territory: string
}

export interface LedgerRow {
  id: string
  territory: string
  what: 'cases' | 'contacts'
  names: boolean
  purpose: string
  filter: string
  reason: string | null
  rows: number
  by: Who
  own: boolean
  taken: number
  at: string
  ends: string | null
  fetches_left: number | null
}

export interface Ledger {
  rows: LedgerRow[]
  /** The most people, and the most rows without names, that one list of one's own may hold. */
  most: { names: number; rows: number }
}

export interface ListPreview {
  people: number
  most: number
  too_many: boolean
  territory: string
  about: string
}

export interface AccessLog {
  subject: string
  erased: string | null
  rows: {
    row: number
    at: string
    by: Who
    did: string
    change: string
    reason: string | null
    purpose: string
  }[]
}
