// How a round stands against its target and its deadline, worked out from the counts on its board.

import type { Millis, PostProgress, RoundBoard, Sums } from '../../lib/testing'

const HOUR_MS = 3_600_000
/** The last hours say how fast it goes now; the hour that runs is not over and would make it look slow. */
const PACE_HOURS = 3

export const share = (n: number, of: number) => (of > 0 ? n / of : null)

/** People that are still to be sampled before a part of the round counts. */
export const missing = (population: number, target: number, people: number) => Math.max(0, Math.ceil(population * target) - people)

export interface Pace {
  /** People an hour, lately; null before a whole hour has passed. */
  now: number | null
  /** People an hour from here to the deadline; null when nobody is missing or no time is left. */
  needed: number | null
  missing: number
  /** Of the population, at this pace by the deadline. */
  expected: number | null
}

export function paceOf(board: Pick<RoundBoard, 'now' | 'opens' | 'deadline' | 'ended' | 'coverage_target' | 'hours' | 'progress'>): Pace {
  const lacking = missing(board.progress.population, board.coverage_target, board.progress.people)
  const running = Math.floor(board.now / HOUR_MS) * HOUR_MS
  const from = Math.max(running - PACE_HOURS * HOUR_MS, Math.floor(board.opens / HOUR_MS) * HOUR_MS)
  const whole = (running - from) / HOUR_MS
  const lately = board.hours.filter((one) => one.hour >= from && one.hour < running)
  const now = whole > 0 ? lately.reduce((sum, one) => sum + one.people, 0) / whole : null
  const left = board.ended === null ? (board.deadline - board.now) / HOUR_MS : 0
  const needed = lacking > 0 && left > 0 ? lacking / left : null
  const more = now === null ? null : now * Math.max(0, left)
  const expected = more === null ? null : share(board.progress.people + more, board.progress.population)
  return { now, needed, missing: lacking, expected }
}

/** An open post nobody heard of for an hour, or never. Its hour is told, not its minute: it is silent once the next has passed. */
export function isSilent(post: PostProgress, now: Millis, opens: Millis): boolean {
  if (post.ended) return false
  const heard = post.last_hour === null ? opens : post.last_hour + HOUR_MS
  return now - heard >= HOUR_MS
}

/** An open post for which no shift is planned now. */
export const isUnmanned = (post: PostProgress) => !post.ended && post.shift === null

export interface Short {
  what: 'slow' | 'late' | 'zones' | 'silent' | 'never' | 'unmanned' | 'unreceived' | 'unreported' | 'rejected' | 'overdue'
  n: number
  grave: boolean
}

/** What is short, in the order in which somebody would act. */
export function shortOf(board: RoundBoard): Short[] {
  const pace = paceOf(board)
  const { progress } = board
  const over = board.ended !== null || board.now >= board.deadline
  const open = board.ended === null
  const silent = open && board.now >= board.opens ? board.posts.filter((post) => isSilent(post, board.now, board.opens)) : []
  const behind = board.zones.filter((zone) => missing(zone.population, board.coverage_target, zone.progress?.people ?? 0) > 0)
  const short: Short[] = [
    { what: 'overdue', n: board.held_overdue, grave: true },
    { what: 'late', n: over ? pace.missing : 0, grave: true },
    { what: 'slow', n: !over && pace.needed !== null && pace.now !== null && pace.now < pace.needed ? Math.ceil(pace.needed - pace.now) : 0, grave: true },
    { what: 'zones', n: over ? behind.length : 0, grave: true },
    { what: 'never', n: silent.filter((post) => post.last_hour === null).length, grave: true },
    { what: 'silent', n: silent.filter((post) => post.last_hour !== null).length, grave: true },
    { what: 'unmanned', n: open && !over && board.now >= board.opens ? board.posts.filter(isUnmanned).length : 0, grave: false },
    { what: 'rejected', n: progress.rejected, grave: false },
    { what: 'unreceived', n: progress.tubes - progress.received, grave: false },
    { what: 'unreported', n: progress.received - progress.rejected - progress.reported, grave: false },
  ]
  return short.filter((one) => one.n > 0)
}

/** Hours without a tube are hours all the same. */
export function everyHour(hours: (Sums & { hour: Millis })[]): (Sums & { hour: Millis })[] {
  const [first, last] = [hours[0], hours.at(-1)]
  if (!first || !last) return []
  const known = new Map(hours.map((one) => [one.hour, one]))
  const none = { tubes: 0, people: 0, received: 0, rejected: 0, plated: 0, reported: 0, reported_people: 0, positive: 0 }
  return Array.from({ length: (last.hour - first.hour) / HOUR_MS + 1 }, (_, at) => {
    const hour = first.hour + at * HOUR_MS
    return known.get(hour) ?? { ...none, hour }
  })
}

/** What an hour held is worth, in tests, as somebody typed it; nothing when it is no number that could be one. */
export function worthOf(typed: string): number | null {
  const text = typed.trim()
  const worth = Number(text)
  return text !== '' && Number.isFinite(worth) && worth >= 0 ? worth : null
}
