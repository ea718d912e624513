// What the rosters of monitored occupations say and take.

import { get, sendRosterFile, type Query } from './api'
import type { Named } from './contract'
import type { VisitsAccount } from './fence'

export const ROSTERS = 'entry.roster'

export interface RosterRow {
  id: string
  territory: string
  workplace: string
  group: string
  subject: string
  in_loop: boolean
  since: string
  tested: string | null
  /** How the last test is known. */
  told_by: 'hand' | 'file' | 'laboratory' | null
  due: string | null
  overdue: boolean
  /** They do not work there any more; only in what is asked of one worker. */
  struck: boolean
}

export interface TestedCounts {
  people: number
  asked: number
  in_time: number
  overdue: number
  in_loop: number
  share: number | null
  low: number | null
  high: number | null
}

export interface TestedView extends TestedCounts {
  today: string
  edition: string
  territory: string
  left_loop: number
  by_place: (TestedCounts & { territory: string })[]
  by_workplace: (TestedCounts & { territory: string; workplace: string })[]
}

export interface Group extends Named {
  id: string
  closed_loop: boolean
  intervals: { edition: string; days: number; source: string; confidence: string }[]
}

export interface OccupationsPack {
  version: string
  edition: string
  groups: Group[]
  editions: (Named & { id: string })[]
}

export type RosterChange = 'enrol-worker' | 'tell-worker-test' | 'set-loop' | 'strike-worker'

export const rosters = {
  list: (query: Query, stop?: AbortSignal) =>
    get<{ today: string; edition: string; rows: RosterRow[]; next: string | null }>('/api/rosters', query, stop),
  tested: (query: Query, stop?: AbortSignal) => get<TestedView>('/api/rosters/overdue', query, stop),
  pack: (stop?: AbortSignal) => get<OccupationsPack>('/api/rosters/pack', {}, stop),
  file: (file: File, dryRun: boolean): Promise<VisitsAccount> => sendRosterFile(file, dryRun),
}
