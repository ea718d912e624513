// What the platform tells of its load, to everybody.

import { get } from './api'

export type LoadChange = 'switch-feature' | 'end-switch' | 'record-outage' | 'end-outage' | 'withdraw-outage'

export const CLASSES = ['urgent', 'sampling', 'laboratory', 'work', 'results', 'display', 'extras'] as const
/** In the order in which they go off. */
export const FEATURES = ['exports', 'planning', 'live', 'boards', 'result_codes'] as const
export const STOOD = ['registration', 'sampling', 'results'] as const

export interface Off {
  feature: (typeof FEATURES)[number]
  since: number
  by: 'pressure' | 'hand'
  why_en: string
  why_zh: string
  reason: string | null
  ends: number | null
}

export interface PublicOutage {
  from: number
  until: number | null
  what: (typeof STOOD)[number]
  told: string
  territory: string
  zh: string | null
  en: string | null
}

export interface Status {
  at: number
  off: Off[]
  outages: PublicOutage[]
  minute: { class: string; arrived: number; refused: number; failed: number }[]
}

export interface Columns {
  arrived: number[]
  admitted: number[]
  refused: number[]
  failed: number[]
  waiting: number[]
  p50_ms: (number | null)[]
  p99_ms: (number | null)[]
}

export interface Telemetry {
  from: number
  seconds: number
  classes: Record<string, Columns>
}

export interface OutageRow {
  id: string
  territory: string
  what: (typeof STOOD)[number]
  from: number
  until: number | null
  told: string
  state: 'proposed' | 'recorded' | 'withdrawn'
}

export const outages = () => get<{ now: number; rows: OutageRow[] }>('/api/lab/outages')

/** Once, without cookies and without asking again: it is asked every few seconds anyway. */
async function plainly<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(path, { credentials: 'omit', signal })
  if (!answer.ok) throw new Error(String(answer.status))
  return (await answer.json()) as T
}

export const status = (signal?: AbortSignal) => plainly<Status>('/api/public/status', signal)
export const telemetry = (signal?: AbortSignal) => plainly<Telemetry>('/api/public/telemetry', signal)

/** The word for how it stands. */
export const stateOf = (off: Off[]) => (off.some((one) => one.by === 'pressure') ? 'load.strained' : off.length ? 'load.by_hand_only' : 'load.well')

export const sum = (column: number[]) => column.reduce((all, one) => all + one, 0)
export const most = (column: number[]) => column.reduce((all, one) => Math.max(all, one), 0)

/** The longest of the last minute; null when nothing was answered. */
export function lately(column: (number | null)[]): number | null {
  return column.slice(-60).reduce<number | null>((all, one) => (one === null ? all : Math.max(all ?? 0, one)), null)
}

/** An area of so many by so many points, from the bottom; '' when nothing happened. */
export function area(column: number[], highest: number, width: number, height: number): string {
  if (highest <= 0 || column.length === 0) return ''
  const step = width / column.length
  const points = column.map((one, at) => `L${(at * step).toFixed(1)} ${(height - (one / highest) * height).toFixed(1)}H${((at + 1) * step).toFixed(1)}`)
  return `M0 ${height}${points.join('')}V${height}Z`
}
