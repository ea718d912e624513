// What the server says and takes about measures and permits. Moments are milliseconds. Writes go through `change`, as everywhere;
// an organiser's application has a door of its own.

import { get, write, type Query } from './api'
import type { Millis } from './testing'

export interface Word {
  id: string
  zh: string
  en: string
}

export interface Between {
  value: number
  low: number
  high: number
}

export interface MeasureKind extends Word {
  asks_zh: string
  asks_en: string
  basis: string[]
  gives: 'province' | 'prefecture' | 'county'
  longest_days: number
  lift: string[]
  duties: string[]
  gatherings_to: number | null
  effect: (Between & { source: string; confidence: string }) | null
}

export interface Article extends Word {
  says_zh: string
  says_en: string
  approval: Approval
  announce: boolean
  classes: string[]
}

export interface LawText extends Word {
  from: string | null
  to: string | null
  numbering: 'verified' | 'not_verified'
  articles: Article[]
}

export type Approval = 'none' | 'at_once' | 'before'

export interface Catalogue {
  version: string
  kinds: MeasureKind[]
  lift_criteria: Word[]
  duties: Word[]
  texts: LawText[]
}

export interface Cost {
  person_days: number
  output_cny: Between
  direct_cny: Between
  total_cny: Between
}

export interface MeasureRow {
  id: string
  kind: string
  article: string
  government: string
  territory: string
  place: string
  disease: string | null
  affected: number
  starts: Millis
  ends: Millis
  state: string
  approval: Approval
  announce: boolean
  next_upper: string | null
  announced: Millis | null
  lifted: Millis | null
  half: Millis | null
  answer_due: boolean
  review_due: boolean
  extension: { ends: Millis; asked: Millis; decided: Millis | null } | null
  so_far: Cost | null
  by_the_end: Cost | null
}

export interface Stamped {
  at: Millis
  organisation: string | null
  territory: string
  name: string | null
  role: string | null
}

export interface MeasureView extends MeasureRow {
  now: Millis
  reason: string
  lift: string[]
  duties: string[]
  pack: string
  proposed: Stamped
  decided: Stamped | null
  approved: Stamped | null
  refused: Stamped | null
  basis?: {
    text_zh: string
    text_en: string
    numbering: string
    article_zh: string
    article_en: string
    says_zh: string
    says_en: string
  }
  steps: { at: Millis; deed: string; organisation: string | null; territory: string; note: string }[]
}

export interface Preview {
  approval: Approval
  announce: boolean
  next_upper: string | null
  numbering: string
  affected: number
  days: number
  cost: Cost | null
  permits: number
  effect: Between | null
}

interface Named {
  path: string
  zh: string | null
  en: string | null
}

export interface Notice {
  id: string
  state: 'announced' | 'active'
  zh: string
  en: string
  asks_zh: string
  asks_en: string
  territory: Named
  government: Named
  place: string
  disease_zh: string | null
  disease_en: string | null
  starts: Millis
  ends: Millis
  basis_zh: string
  basis_en: string
  lift: { zh: string; en: string }[]
  duties: { zh: string; en: string }[]
}

export interface PermitRow {
  id: string
  territory: string
  place: string
  title: string
  organiser: string
  people: number
  starts: Millis
  ends: Millis
  activity: string
  indoors: { floor_m2: number; height_m: number; air_changes: number } | null
  masks: boolean
  duties: string[]
  state: string
  applied: Millis
  decided: Millis | null
  note: string
}

export interface PermitStep {
  at: Millis
  state: string
  note_zh: string
  note_en: string
}

export interface PermitView extends PermitRow {
  now: Millis
  unmet: { code: string; zh: string; en: string }[]
  capacity: number
  holds: { level: string; limits: number[] }
  risk: {
    any_infectious: Between
    infectious: Between
    secondary: Between
    if_one_attends: { mean: number; none: number; at_most: number }
  } | null
  steps: PermitStep[]
}

export interface GatheringRules {
  activities: Word[]
  duties: Word[]
  capacities: { level: string; most: number; square_metres: number; litres_per_second: number; hours: number }[]
  small: number
  /** Provinces, prefectures and counties. */
  places: { path: string; zh: string | null; en: string | null }[]
}

/** What waits for whoever asks, and orders that end within three days. */
export interface DueView {
  now: Millis
  ending: { id: string; zh: string | null; en: string | null; territory: string; place: string; ends: Millis; longer: boolean }[]
  measures: number
  zones: number
  permits: number
  /** Only what the reader may do. */
  restrictions: Partial<Record<'waiting' | 'appeals' | 'untold' | 'freed', number>>
}

type Stop = AbortSignal
interface Page<T> {
  now: Millis
  rows: T[]
  next: string | null
}

export const measures = {
  list: (query: Query, stop?: Stop) => get<Page<MeasureRow>>('/api/control/measures', query, stop),
  one: (id: string, stop?: Stop) => get<MeasureView>(`/api/control/measures/${id}`, {}, stop),
  due: (stop?: Stop) => get<DueView>('/api/control/due', {}, stop),
  catalogue: (stop?: Stop) => get<Catalogue>('/api/control/catalogue', {}, stop),
  preview: (body: Record<string, unknown>) => write<Preview>('/api/control/measures/preview', body),
  public: (place: string, stop?: Stop) => get<{ now: Millis; measures: Notice[]; demo: boolean }>('/api/public/measures', { place }, stop),
}

export const permits = {
  list: (query: Query, stop?: Stop) => get<Page<PermitRow>>('/api/control/permits', query, stop),
  one: (id: string, stop?: Stop) => get<PermitView>(`/api/control/permits/${id}`, {}, stop),
  rules: (stop?: Stop) => get<GatheringRules>('/api/public/gatherings', {}, stop),
  apply: (body: Record<string, unknown>) => write<{ permit: string }>('/api/public/permits', body),
  answer: (id: string, stop?: Stop) => get<PermitRow & { capacity: number; steps: PermitStep[] }>(`/api/public/permits/${id}`, {}, stop),
}

export type MeasureChange =
  | 'propose-measure'
  | 'decide-measure'
  | 'approve-measure'
  | 'refuse-measure'
  | 'announce-measure'
  | 'extend-measure'
  | 'lift-measure'
  | 'review-measure'
  | 'tell-effect'
  | 'apply-permit'
  | 'withdraw-permit'
  | 'decide-permit'

/** The depth of the government that may order a kind at the lowest: 1 a province, 3 a county. */
export const DEPTH = { province: 1, prefecture: 2, county: 3 } as const

/** The government that orders what holds there: the county around a township, else the place itself. */
export function governmentOf(territory: string, gives: keyof typeof DEPTH): string {
  return territory.split('/').slice(0, DEPTH[gives]).join('/')
}

/** Articles of a kind that are in force on a day, each with its text. */
export function articlesOn(kind: MeasureKind, texts: LawText[], day: string): { id: string; text: LawText; article: Article }[] {
  return kind.basis.flatMap((id) => {
    const [of, number] = id.split('/')
    const text = texts.find((one) => one.id === of)
    const article = text?.articles.find((one) => one.id === number)
    const holds = text && (!text.from || text.from <= day) && (!text.to || day <= text.to)
    return text && article && holds ? [{ id, text, article }] : []
  })
}
