// What laboratories tell by message: what came in, what waits for a word or a code, and results of people in no tube.

import { get, write, type Query } from './api'
import type { Call, Millis } from './testing'

export type Verdict = 'accepted' | 'in_part' | 'refused' | 'own' | 'test'
export const VERDICTS: Verdict[] = ['accepted', 'in_part', 'refused', 'test', 'own']

/** Where a told result stands; those that need somebody's word first. */
export const NEED_WORD = ['conflict', 'reported_unrun', 'before_sampling']

export interface Said {
  code: string
  place?: string
  severity: 'error' | 'warning' | 'info'
  zh?: string
  en?: string
}

export interface WaitingReport {
  report: number
  specimen: string | null
  number: string | null
  standing: string
  call: Call | null
  analysed: Millis | null
  reported: Millis | null
  received: Millis
  sender: string
  test: string | null
  code: string | null
  known: Call | null
  known_since: Millis | null
  sampled: Millis | null
}

export interface LabCode {
  kind: 'test' | 'result'
  system: string
  code: string
  text: string
  since: Millis
  seen: number
  means: string | null
  mapped: Millis | null
}

export interface MessagesView {
  now: Millis
  laboratory: string
  name: string
  days: { day: string; verdict: Verdict; messages: number; reports: number }[]
  refused: { received: Millis; sender: string; control: string; verdict: Verdict; format: string; complaints: Said[] }[]
  waiting: WaitingReport[]
  waiting_counts: { standing: string; reports: number }[]
  codes: LabCode[]
  may: { work: boolean; manage: boolean }
}

/** What became of each message that was sent. */
export interface VerdictRow {
  number: number
  control: string | null
  sender: string | null
  verdict: Verdict
  again: boolean
  reports: { number: number; specimen: string | null; standing: string; call: Call | null }[]
  complaints: Said[]
}

export interface OutsideRow {
  report: number
  territory: string
  laboratory: string | null
  call: Call | null
  test: string | null
  code: string | null
  disease: string | null
  collected: Millis | null
  analysed: Millis | null
  reported: Millis | null
  received: Millis
  number: string | null
  linked: string | null
  has_name: boolean
  kept_until: string
}

export interface OutsidePerson {
  name: string | null
  id_number: string | null
  phone: string | null
  address: string | null
  born: string | null
  sex: string | null
  notes: string[]
  facility: string | null
}

type Stop = AbortSignal | undefined

export const labMessages = {
  page: (laboratory: string, stop?: Stop) => get<MessagesView>('/api/lab/messages', { laboratory }, stop),
  outside: (query: Query, stop?: Stop) =>
    get<{ now: Millis; rows: OutsideRow[]; next: number | null; may: { write: boolean; open: boolean } }>('/api/lab/outside', query, stop),
  // Each is a row in the journal: not repeated by itself.
  open: (report: number, body: { purpose: string; reason: string }) => write<OutsidePerson>(`/api/lab/outside/${report}/open`, body),
  report: (report: number, body: Record<string, unknown>) => write<{ case: string }>(`/api/lab/outside/${report}/report`, body),
}

export interface DayRow {
  day: string
  counts: Record<Verdict, number>
  reports: number
}

/** One row a day, the newest first. */
export function byDay(days: MessagesView['days']): DayRow[] {
  const rows = new Map<string, DayRow>()
  for (const one of days) {
    const row = rows.get(one.day) ?? { day: one.day, counts: { accepted: 0, in_part: 0, refused: 0, own: 0, test: 0 }, reports: 0 }
    row.counts[one.verdict] += one.messages
    row.reports += one.reports
    rows.set(one.day, row)
  }
  return [...rows.values()].sort((a, b) => (a.day < b.day ? 1 : -1))
}

/** The verdict list as rows of a file: one a message, what is wrong with it in one cell. */
export function verdictRows(rows: VerdictRow[], said: (one: Said) => string): (string | number)[][] {
  return rows.map((row) => [
    row.number,
    row.control ?? '',
    row.sender ?? '',
    row.verdict,
    row.again ? 'again' : '',
    row.reports.map((one) => [one.specimen, one.standing, one.call].filter(Boolean).join(' ')).join('; '),
    row.complaints.map((one) => [one.place, one.code, said(one)].filter(Boolean).join(' · ')).join('\n'),
  ])
}
