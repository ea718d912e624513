// What the server says and takes about tracing: interviews, itineraries, exposures, contact lists; the fence and the measures
// of success are typed beside. Writes go through `change`, as everywhere.

import { get, write, type Query } from './api'
import type { Paged } from './contract'
import type { Day } from './day'
import type { FenceRow, FenceRun, OpenedFence, PublicFence } from './fence'
import type { Inferred, Mention, SourcesAnswer, TraceMeasures } from './tracing'

export type * from './fence'
export type * from './tracing'

/** A page of rows with the server's instant: in a replay clocks do not run by the wall. */
export interface Timed<Row> extends Paged<Row> {
  now: string
}

export interface Bilingual {
  zh: string
  en: string
}

export type ContactClass = 'close' | 'secondary' | 'general'
export const CLASSES: ContactClass[] = ['close', 'secondary', 'general']

export interface Choice extends Bilingual {
  id: string
}

export interface TracePack {
  version: string
  /** Newest first. */
  protocols: Protocol[]
  forms: InterviewForm[]
  exposure_kinds: (Choice & { help_zh: string; help_en: string })[]
  place_kinds: Choice[]
  /** Who says so: the person, a companion, a till, a camera. */
  sources: Choice[]
}

export interface Protocol extends Bilingual {
  id: string
  diseases: string[]
  from: Day | null
  to: Day | null
  look_back_days: number
  secondary: boolean
  near_metres: number | null
  rows_each_way: number | null
  rules: (Bilingual & { id: string; class: ContactClass; kinds: string[]; unless: string[] })[]
  source: string
  confidence: 'sourced' | 'memory' | 'memory_low'
}

export interface InterviewForm extends Bilingual {
  id: 'core' | 'full'
  due_hours: number
  /** A section about some diseases only is asked about those. */
  sections: (Bilingual & { id: string; diseases?: string[]; questions: FormQuestion[] })[]
}

export interface FormQuestion extends Bilingual {
  id: string
  help_zh?: string | null
  help_en?: string | null
  kind: 'text' | 'long_text' | 'number' | 'day' | 'moment' | 'yes_no_unknown' | 'choice' | 'choices'
  choices?: Choice[] | null
  /** Counts for "form complete". */
  needed?: boolean
  shown_if?: { question: string; is: string } | null
}

export interface InterviewRow {
  id: string
  case: string | null
  contact: string | null
  /** What is followed when nobody is asked: a lot, or the surfaces of a place. */
  goods: string | null
  place: string | null
  subject: string
  /** Of the case or the contact; of a thing its name. */
  no: string
  event: string | null
  disease?: string | null
  territory: string
  opened_at: string
  protocol: string
  pack: string
  core_due: string
  core_done_at: string | null
  full_due: string
  full_done_at: string | null
  /** Of the needed questions of both forms. */
  answered: [number, number]
  visits: number
  conflicts: number
  changed_at: string
}

export interface InterviewView extends InterviewRow {
  now: string
  answers: Record<string, Answer>
  /** In time order. */
  legs: Visit[]
  /** So many more were told of. */
  legs_left_off: number
  /** Where the next page of them begins. */
  legs_next: string | null
  /** Of a lot: when a sample of it was positive. */
  positive_on?: Day | null
  exposures: ExposureRow[]
  infectious_from: Day | null
  /** Isolation. */
  until: Day | null
}

export interface Words {
  value: unknown
  at: string
  by: string
}

export interface Answer extends Words {
  /** Grows with every change of this answer. */
  seq: number
  /** Written at the same time by somebody else; kept until it is settled. */
  other: Words[]
}

export interface Answered {
  seq: number
  /** Put together with what somebody else wrote meanwhile. */
  merged: boolean
  conflict: boolean
}

/** One version of an answer: what was said, and what stood afterwards. */
export interface Version {
  seq: number
  said: unknown
  stands: unknown
  based_on: number
  merged: boolean
  aside: 'open' | 'settled' | null
  at: string
  by: string
}

/** One run of a vehicle. */
export interface Run {
  kind: 'train' | 'flight' | 'coach' | 'taxi' | 'ship' | 'other'
  number: string
  day: Day
}

export interface Ride extends Run {
  carriage: number | null
  row: number | null
  seat: string | null
  board: string
  leave: string
}

export const RIDES: Run['kind'][] = ['train', 'flight', 'coach', 'taxi', 'ship', 'other']

export interface Visit {
  id: string
  interview: string | null
  subject: string
  what: 'stay' | 'ride'
  place: string | null
  place_name: string
  place_kind: string | null
  territory: string | null
  /** Shown in WGS 84; `datum` is how they were told. */
  lon: number | null
  lat: number | null
  /** The person told this point; otherwise it is that of the place. */
  own_point: boolean
  datum: 'wgs84' | 'gcj02' | 'bd09' | null
  /** Precision. */
  metres: number | null
  /** Local, 2022-02-20T18:30. */
  from: string
  to: string
  from_doubt_minutes: number
  to_doubt_minutes: number
  source: string
  mask: 'yes' | 'no' | 'partly' | 'unknown'
  indoors: boolean | null
  ventilation: 'good' | 'poor' | 'unknown'
  company: string | null
  ride: Ride | null
  note: string | null
  /** When it was told or last amended. */
  at: string
}

export interface PlaceRow {
  id: string
  name: string
  kind: string
  territory: string
  lon: number | null
  lat: number | null
  indoors: boolean | null
}

export interface GoodsRow {
  id: string
  name: string
  lot: string | null
  called: string
  territory: string
  event: string | null
  positive_on: Day | null
  interview: string | null
}

/** Somebody was exposed to a case, a lot or the surfaces of a place. */
export interface ExposureRow {
  id: string
  case: string | null
  case_no: string | null
  goods: string | null
  goods_name: string | null
  surface: string | null
  surface_name: string | null
  contact: string | null
  contact_no: string | null
  subject: string
  kind: string
  place: string | null
  place_name: string | null
  from: string
  to: string
  minutes: number | null
  metres: number | null
  indoors: boolean | null
  protected: boolean | null
  /** Relative to the case's onset. */
  day_of_illness: number | null
  found_by: 'told' | 'overlap' | 'ride' | 'fence'
  /** What the protocol made of it; without a class when no rule fits. */
  proposal?: Omit<Proposal, 'protocol'> | null
  evidence: string
  class: ContactClass | null
  rule: string | null
  protocol: string | null
  pack: string | null
  decided_by: string | null
  decided_at: string | null
  /** For those who ask people; of others null. */
  note: string | null
  reason: string | null
}

export interface Overlap {
  subject: string
  no: string
  /** Of whom the other is a contact, or who they are. */
  case: string | null
  kind: 'case' | 'contact' | 'goods' | 'place'
  found_by: 'overlap' | 'ride'
  place: string | null
  place_name: string | null
  ride: Run | null
  from: string
  to: string
  /** At most, and surely: times are told with doubt. */
  minutes: number | null
  surely_minutes: number | null
  metres: number | null
  rows_apart: number | null
  same_carriage: boolean | null
  indoors: boolean | null
  strength: 'strong' | 'possible' | 'weak'
  proposal: (Omit<Proposal, 'protocol'> & { kind: string }) | null
  /** The record of this person as a contact, when there is one. */
  known: string | null
  /** Its number. */
  known_no: string | null
}

export interface Proposal {
  /** Null: by no rule of the protocol a contact. */
  class: ContactClass | null
  rule: string | null
  protocol: string
  because_zh: string
  because_en: string
}

export interface ContactListRow {
  id: string
  event: string | null
  case: string | null
  from_territory: string
  to_territory: string
  made_at: string
  due: string
  contacts: number
  acknowledged_at: string | null
  acknowledged_by: string | null
  /** Nobody acknowledged it in time. */
  late: boolean
  /** How many came back. */
  returned: number
  returned_at: string | null
  reached: number
  isolated: number
}

export interface ListedContact {
  contact: string
  no: string
  class: ContactClass | null
  last_exposure: Day | null
  state: 'waiting' | 'accepted' | 'refused'
  reason: string | null
  reached_at: string | null
  isolated_at: string | null
  /** For the receiver, who calls them. */
  subject: string | null
  /** Where they live, for whoever has them: the sender until it is acknowledged, then the receiver. */
  territory: string | null
  place: string | null
}

export interface ContactListView extends ContactListRow {
  now: string
  receives: boolean
  note: string | null
  rows: ListedContact[]
}

/** In the order in which they are reached; `here`: of whom nothing was told yet. */
export const BOARD_STATES = ['here', 'waiting_hand_over', 'handed_over', 'acknowledged', 'reached', 'isolated'] as const
export type BoardState = (typeof BOARD_STATES)[number]

export interface BoardCounts {
  watched: number
  unclassified: number
  overdue: number
  by_class: Record<ContactClass, number>
  by_state: Record<BoardState, number>
}

export interface Board extends BoardCounts {
  rows: (BoardCounts & { territory: string })[]
}

/** The writes of this room. */
export type TraceChange =
  | 'open-interview'
  | 'answer-question'
  | 'settle-answer'
  | 'finish-form'
  | 'add-visit'
  | 'amend-visit'
  | 'remove-visit'
  | 'add-visits'
  | 'register-goods'
  | 'amend-goods'
  | 'register-place'
  | 'amend-place'
  | 'add-exposure'
  | 'classify-exposure'
  | 'hand-over-contacts'
  | 'acknowledge-list'
  | 'return-contact'
  | 'tell-contact-state'
  | 'draft-fence'
  | 'publish-fence'
  | 'withdraw-fence'
  | 'invite-to-test'
  | 'tell-invitation'
  | 'register-visit'

type Stop = AbortSignal | undefined

export const trace = {
  pack: (stop?: Stop) => get<TracePack>('/api/trace/pack', {}, stop),
  interviews: (query: Query, stop?: Stop) => get<Timed<InterviewRow>>('/api/interviews', query, stop),
  interview: (id: string, stop?: Stop) => get<InterviewView>(`/api/interviews/${id}`, {}, stop),
  /** Every version of an answer, the newest first. */
  versions: (id: string, question: string, stop?: Stop) =>
    get<{ versions: Version[] }>(`/api/interviews/${id}/answers/${question}`, {}, stop),
  /** Whom they may have infected, or (`back`) who may have infected them. */
  overlaps: (id: string, looking: string, stop?: Stop) =>
    get<{ rows: Overlap[]; left_off: number; cut: boolean }>(`/api/interviews/${id}/overlaps`, { looking }, stop),
  visits: (id: string, after: string, stop?: Stop) => get<{ rows: Visit[]; next: string | null }>(`/api/interviews/${id}/visits`, { after }, stop),
  goods: (query: Query, stop?: Stop) => get<{ goods: GoodsRow[]; next: string | null }>('/api/goods', query, stop),
  places: (query: Query, stop?: Stop) => get<{ places: PlaceRow[]; next: string | null }>('/api/places', query, stop),
  exposures: (query: Query, stop?: Stop) => get<Paged<ExposureRow>>('/api/exposures', query, stop),
  lists: (query: Query, stop?: Stop) => get<Timed<ContactListRow>>('/api/contact-lists', query, stop),
  list: (id: string, stop?: Stop) => get<ContactListView>(`/api/contact-lists/${id}`, {}, stop),
  board: (query: Query, stop?: Stop) => get<Board>('/api/contacts/board', query, stop),
  fences: (query: Query, stop?: Stop) => get<Timed<FenceRow>>('/api/fences', query, stop),
  // Each is a row in the journal: not repeated by itself.
  runFence: (id: string, change: string) => write<Omit<FenceRun, 'at' | 'by'>>(`/api/fences/${id}/run`, { id: change }),
  openFence: (id: string, body: { id: string; ask: string; purpose: string; reason: string }) =>
    write<OpenedFence>(`/api/fences/${id}/open`, body),
  publicFences: (stop?: Stop) => get<{ fences: PublicFence[]; fetched?: string; demo?: boolean }>('/api/public/fences', {}, stop),
  measures: (event: string, stop?: Stop) => get<TraceMeasures>('/api/trace/measures', { event }, stop),
  sources: (event: string, stop?: Stop) => get<SourcesAnswer>('/api/trace/sources', { event }, stop),
  inferred: (event: string, stop?: Stop) => get<Inferred>('/api/trace/inferred', { event }, stop),
  mentions: (event: string, stop?: Stop) => get<{ rows: Mention[]; unclear?: number; more?: boolean }>('/api/trace/mentions', { event }, stop),
}
