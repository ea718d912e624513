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

/** When a list was heard, and when its day is over, by the server's clock. */
export interface HeardAt {
  now: number
  ends: number
}

const DAY_MS = 86_400_000

/** What arrived before the list was heard is counted in it already. A list that was kept over midnight counts nothing of today: then
 * it begins at none, with what was done here since midnight. */
export function asSeen(row: RoundRow, visits: Visit[], heard: HeardAt, now: number): Standing {
  const [counted, asked] = row.checks ?? [0, 0]
  const ofToday = now < heard.ends
  const midnight = heard.ends + Math.floor((now - heard.ends) / DAY_MS) * DAY_MS
  const mine = visits.filter((visit) => visit.course === row.id && visit.state !== 'refused')
  const fresh = mine.filter((visit) => visit.at >= midnight && (visit.state === 'waiting' || visit.at > heard.now))
  const seen = fresh.filter((visit) => !visit.not_seen).length
  const last = fresh.filter((visit) => visit.not_seen).at(-1)
  return {
    row,
    done: (ofToday ? counted : 0) + seen,
    asked,
    tried: last ? { at: last.at, why: last.not_seen! } : ofToday ? row.tried : null,
    waiting: mine.some((visit) => visit.state === 'waiting'),
  }
}

export interface Stop {
  key: string
  where: string
  people: Standing[]
}

/** People behind one another on the way who live in one place on one round: two places may have a round of the same name. */
export function stopsOf(way: Standing[], placeOf: (territory: string) => string): Stop[] {
  const stops: Stop[] = []
  for (const who of way) {
    const { territory, route, home } = who.row
    const key = `${territory}|${route || home}`
    if (stops.at(-1)?.key !== key) stops.push({ key, where: [placeOf(territory), route || home].filter(Boolean).join(' · '), people: [] })
    stops.at(-1)!.people.push(who)
  }
  return stops
}

/** A temperature as it is typed: a comma is a point. `null` where nothing is typed, `undefined` where it is none. */
export function celsiusIn(text: string): number | null | undefined {
  const typed = text.trim().replace(',', '.')
  if (typed === '') return null
  const celsius = Number(typed)
  return /^\d{2}(\.\d{1,2})?$/.test(typed) && celsius >= 30 && celsius <= 45 ? celsius : undefined
}
