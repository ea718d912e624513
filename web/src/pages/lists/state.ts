// Where a contact list stands between two territories.

import type { Day } from '../../lib/day'
import type { ContactListRow, ListedContact } from '../../lib/trace'

export type ListState = 'waiting' | 'late' | 'acknowledged' | 'returned'

export function stateOf(row: Pick<ContactListRow, 'acknowledged_at' | 'returned' | 'contacts' | 'late'>): ListState {
  if (row.acknowledged_at) return 'acknowledged'
  if (row.contacts > 0 && row.returned >= row.contacts) return 'returned'
  return row.late ? 'late' : 'waiting'
}

/** The way of one contact of a list, as far as the receiver told. */
export function stepOf(row: ListedContact): 'returned' | 'isolated' | 'reached' | 'accepted' | 'waiting' {
  if (row.state === 'refused') return 'returned'
  if (row.isolated_at) return 'isolated'
  if (row.reached_at) return 'reached'
  return row.state
}

/** Whether anything can still be told of a list: somebody on it is neither isolated nor given back. */
export function unfinished(rows: ListedContact[]): boolean {
  return rows.some((row) => !['isolated', 'returned'].includes(stepOf(row)))
}

/** Whoever works at or above a territory speaks for it. */
export function speaksFor(own: string, territory: string): boolean {
  return territory === own || territory.startsWith(`${own}/`)
}

/** The departments' clocks stand eight hours before Greenwich. */
const OFFSET_MS = 8 * 3600_000
/** A clock a little ahead of the server's must not tell the future. */
const BEHIND_MS = 60_000

/** Now on the wall of the department, on the day it is there (in a replay another one than here). */
export function wallNow(now: number, today: Day): string {
  const wall = new Date(now + OFFSET_MS - BEHIND_MS).toISOString()
  return wall.slice(0, 10) > today ? `${today}T${wall.slice(11, 16)}` : wall.slice(0, 16)
}
