// What the server says of the exposure fence: to the team that works with it, and to everybody.

import type { Day } from './day'
import type { Run } from './trace'

export interface FenceRun {
  at: string
  by: { role: string; organisation: string | null; territory: string } | string
  /** The lower end of a band of five; null below five, and for none. */
  count: number | null
  count_text: string
  sources: string[]
  /** A count stands for some hours: a run within them tells it again. */
  counted_at?: string
}

export interface FenceRow {
  id: string
  event: string | null
  territory: string
  /** A place, or one run of a vehicle. */
  place: string | null
  ride?: Run | null
  place_name: string
  /** The window, local. */
  from: string
  to: string
  /** How long after the case left the air still counts. */
  gap_minutes: number
  text_zh: string
  text_en: string
  basis: string
  published_at: string | null
  withdrawn_at: string | null
  /** Lapses by itself after this day. */
  ends: Day
  runs: FenceRun[]
  opening: { ask: string | null; state: 'none' | 'asked' | 'agreed' | 'open' | 'over'; until: string | null }
}

export interface OpenedFence {
  until: string
  people: {
    subject: string
    name: string | null
    telephone: string | null
    from: string
    to: string | null
    invited: boolean
    state?: InvitationState
  }[]
}

export type InvitationState = 'opened' | 'invited' | 'tested' | 'declined'

/** Where a registered visit comes from. */
export type VisitKind = 'check_in' | 'manifest' | 'declaration' | 'permit'

/** created + updated + skipped + failed = rows */
export interface VisitsAccount {
  rows: number
  created: number
  updated: number
  skipped: number
  failed: number
  failures: { row: number; field: string | null; code: string; zh: string; en: string }[]
  dry_run: boolean
}

export interface PublicFence {
  ride?: Run | null
  place_name: string
  territory: string
  territory_zh: string | null
  territory_en: string | null
  lon: number | null
  lat: number | null
  from: string
  to: string
  gap_minutes: number
  text_zh: string
  text_en: string
  ends: Day
}
