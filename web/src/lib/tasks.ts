// What the tasks room says and takes. Moments are milliseconds. Writes go through `change`; a day's deeds through a door of their own.

import { Failure, get, noAnswer, sendLines, type Query } from './api'
import type { Named } from './contract'
import { heardIn } from './outgoing'

/** Whoever does tasks, gives them, or watches. */
export const TASKS = 'tasks.read|tasks.manage|tasks.work'
export const WORKS = 'tasks.work'

export type TaskState = 'open' | 'acknowledged' | 'started' | 'done' | 'cannot' | 'cancelled'
export const STATES: TaskState[] = ['open', 'acknowledged', 'started', 'done', 'cannot', 'cancelled']
export const isActive = (state: TaskState) => state === 'open' || state === 'acknowledged' || state === 'started'

export type Did = 'acknowledge' | 'start' | 'finish' | 'give_up'
export const CLOSINGS = ['not_needed', 'mistake', 'double', 'source_ended', 'done_otherwise'] as const

export interface Spot {
  street: string
  building: string
  stairwell: string
}

export interface TaskRow {
  id: string
  territory: string
  kind: string
  state: TaskState
  owner: string
  owner_name: string | null
  team: string | null
  team_name: string | null
  spot: Spot | null
  note: string | null
  subject: string | null
  /** The room and the record that want it done; nothing where a person gave it. */
  source: string | null
  opened: number
  deadline: number
  late: boolean
  acknowledged: number | null
  started: number | null
  ended: number | null
  ended_by_name: string | null
  reason: string | null
  photo: string | null
  offered_to: string | null
  offered_to_name: string | null
  offered_by_name: string | null
  rung: number
  told_lead: string | null
  told_depth: number | null
}

export interface Step {
  at: number
  what: string
  by_name: string | null
  to: string | null
  to_name: string | null
  reason: string | null
}

export interface Proof {
  answers: Record<string, string | number | null>
  at?: { lon: number; lat: number; metres?: number } | null
}

export interface TaskView extends TaskRow {
  now: number
  steps: Step[]
  given_by_name: string | null
  heard: number | null
  has_proof: boolean
  proof: Proof | null
  may: { manage: boolean; work: boolean }
}

interface Coded extends Named {
  id: string
}

export interface Question extends Coded {
  kind: 'text' | 'number' | 'yes_no_unknown' | 'choice'
  needed: boolean
  choices: Coded[]
}

export interface Kind extends Coded {
  hours: { value: number; source: string; confidence: string }
  questions: Question[]
  photo: boolean
}

export interface TasksPack {
  version: string
  kinds: Kind[]
  reasons: Coded[]
}

export interface Mine {
  now: number
  rows: TaskRow[]
  offered: TaskRow[]
  next: string | null
}

export interface Worker {
  account: string
  name: string
  territory: string
  open: number
  late: number
}

export interface TeamRow {
  team: string
  territory: string
  name: string
  lead: string
  lead_name: string | null
  members: { account: string; name: string | null }[]
}

export interface Counts {
  due: number
  in_time: number
  ended_late: number
  cannot: number
  not_ended: number
  share: number | null
  low: number | null
  high: number | null
  open: number
  late: number
}

export interface Delivered extends Counts {
  now: number
  days: number
  territory: string
  by_place: (Counts & { territory: string })[]
  by_owner: (Counts & { owner: string; owner_name: string | null })[]
  owners_not_listed: number
}

export interface Overdue {
  now: number
  open: number
  late: number
  by_place: { territory: string; late: number }[]
}

/** One deed as it is sent. */
export interface DeedLine {
  id: string
  task: string
  did: Did
  at: number
  proof?: Proof
  photo?: string
  reason?: string
}

export interface DeedOut {
  state: TaskState
  /** False when somebody else was there first, or it was cancelled. */
  counted: boolean
  ended_by_name?: string
  ended?: number
}

export type DeedAnswer = { id: string; out: DeedOut } | { id: string; error: { code: string; say_zh: string; say_en: string } }

/** The writes of this room, as `POST /api/changes/<name>` knows them. */
export type TasksChange =
  | 'open-task'
  | 'acknowledge-task'
  | 'start-task'
  | 'finish-task'
  | 'give-up-task'
  | 'hand-over-task'
  | 'take-over-task'
  | 'hand-back-task'
  | 'assign-task'
  | 'cancel-task'
  | 'form-team'
  | 'amend-team'

type Stop = AbortSignal | undefined

export const tasks = {
  list: (query: Query, stop?: Stop) =>
    get<{ now: number; rows: TaskRow[]; next: string | null; count: { n: number; exact: boolean } | null }>('/api/tasks', query, stop),
  mine: (stop?: Stop) => get<Mine>('/api/tasks/mine', {}, stop),
  one: (id: string, stop?: Stop) => get<TaskView>(`/api/tasks/${id}`, {}, stop),
  way: (query: Query, stop?: Stop) => get<{ now: number; rows: TaskRow[] }>('/api/tasks/way', query, stop),
  delivered: (query: Query, stop?: Stop) => get<Delivered>('/api/tasks/delivered', query, stop),
  overdue: (query: Query, stop?: Stop) => get<Overdue>('/api/tasks/overdue', query, stop),
  workers: (query: Query, stop?: Stop) => get<{ now: number; rows: Worker[] }>('/api/tasks/workers', query, stop),
  teams: (stop?: Stop) => get<{ now: number; rows: TeamRow[] }>('/api/tasks/teams', {}, stop),
  pack: (stop?: Stop) => get<TasksPack>('/api/tasks/pack', {}, stop),
}

/** What was done, a line each, and what the server says about each by its id. A line that is missing was not answered. */
export async function sendDeeds(lines: DeedLine[]): Promise<Map<string, DeedAnswer>> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  try {
    return answersIn(await sendLines('/api/tasks/done', text, { 'content-type': 'application/x-ndjson' }))
  } catch (error) {
    // An answer cut off in the middle is no answer.
    throw error instanceof Failure ? error : noAnswer()
  }
}

export const answersIn = (text: string): Map<string, DeedAnswer> => heardIn<DeedOut>(text)

/** By street, building and stairwell, numbers as numbers; where nothing is written comes last. */
export function wayOrder(one: Spot | null, other: Spot | null): number {
  const collator = new Intl.Collator('zh', { numeric: true, sensitivity: 'base' })
  for (const part of ['street', 'building', 'stairwell'] as const) {
    const [a, b] = [one?.[part] ?? '', other?.[part] ?? '']
    if (!a !== !b) return a ? -1 : 1
    const order = collator.compare(a, b)
    if (order) return order
  }
  return 0
}

export const spotText = (spot: Spot | null) => [spot?.street, spot?.building, spot?.stairwell].filter(Boolean).join(' · ')

/** A page, and what it is narrowed to. */
export type Where = [path: string, filters?: Record<string, string | null>]

/** The page of the record that wants a task done, by the prefix of its handle. */
const PAGES_OF: Record<string, (id: string) => Where> = {
  tube: () => ['/testing/holds'],
  laboratory: () => ['/testing/messages'],
  handover: (id) => [`/contact-lists/${id}`],
  course: (id) => [`/followup/${id}`],
  measure: (id) => [`/control/measures/${id}`],
  // Wherever they work now, and whether or not they are overdue.
  worker: (id) => ['/rosters', { worker: id, territory: null }],
}

export function sourcePage(source: string | null): Where | null {
  const record = source?.match(/^[a-z]+:([a-z]+)_[^/]*/)
  return record ? (PAGES_OF[record[1]!]?.(record[0].split(':')[1]!) ?? null) : null
}

/** Somebody without a name on a page: the end of their handle, the same wherever they stand. */
export const shortHandle = (id: string) => id.slice(-6)

/** Which tube's people are meant, of a task that the testing room wants done. */
export const sourceTube = (source: string | null | undefined) => source?.match(/^lab:tube_([^/]+)/)?.[1] ?? ''
