// Visits of today's round on their way to the server (see lib/outgoing), and somebody of the round as they stand once they have arrived.

import type { NotSeen, RoundRow, VisitLine, VisitOut } from '../../../lib/followup'
import type { Going } from '../../../lib/outgoing'

export interface Visit extends Going, VisitLine {
  what: 'visit'
  account: string
  no: string
  where: string
  out: VisitOut | null
}

export function lineOf({ id, check, course, at, not_seen, celsius, signs, case: case_ }: Visit): VisitLine {
  return { id, check, course, at, case: case_, ...(not_seen ? { not_seen } : { celsius: celsius ?? null, signs: signs ?? [] }) }
}

export interface Standing {
  row: RoundRow
  done: number
  asked: number
  tried: { at: number; why: NotSeen } | null
  /** Waiting here: not known to the server. */
  waiting: boolean
}

/** `since`: when the list was heard. What arrived before that is counted in it already. */
export function asSeen(row: RoundRow, visits: Visit[], since: number): Standing {
  const [done, asked] = row.checks ?? [0, 0]
  const mine = visits.filter((visit) => visit.course === row.id && visit.state !== 'refused')
  const fresh = mine.filter((visit) => visit.state === 'waiting' || visit.at > since)
  const seen = fresh.filter((visit) => !visit.not_seen).length
  const last = fresh.filter((visit) => visit.not_seen).at(-1)
  return {
    row,
    done: done + seen,
    asked,
    tried: last ? { at: last.at, why: last.not_seen! } : row.tried,
    waiting: mine.some((visit) => visit.state === 'waiting'),
  }
}

/** A temperature as it is typed: a comma is a point. `null` where nothing is typed, `undefined` where it is none. */
export function celsiusIn(text: string): number | null | undefined {
  const typed = text.trim().replace(',', '.')
  if (typed === '') return null
  const celsius = Number(typed)
  return /^\d{2}(\.\d{1,2})?$/.test(typed) && celsius >= 30 && celsius <= 45 ? celsius : undefined
}
