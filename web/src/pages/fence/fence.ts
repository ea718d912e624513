// Where a fence stands, and how windows lie in time. Windows are local times and stay texts.

import { dayAt, type Day } from '../../lib/day'
import type { FenceRow } from '../../lib/trace'
import { DAY_MINUTES, wallMinutes } from '../../lib/wall'

export type FenceState = 'draft' | 'published' | 'withdrawn' | 'lapsed'

export function fenceState(fence: Pick<FenceRow, 'published_at' | 'withdrawn_at' | 'ends'>, today: Day): FenceState {
  if (fence.withdrawn_at) return 'withdrawn'
  if (fence.ends < today) return 'lapsed'
  return fence.published_at ? 'published' : 'draft'
}

export interface Track {
  key: string
  name: string
  bars: { id: string; from: number; to: number; air: number; state: FenceState }[]
}

export interface Tracks {
  tracks: Track[]
  /** Minutes since 1970 of the first and last day's midnight. */
  first: number
  last: number
  days: { at: number; day: Day }[]
}

/** More days than this are told by week. */
const DAILY = 16

/** One line a place, its windows as bars. */
export function tracksOf(fences: FenceRow[], today: Day): Tracks | null {
  const tracks = new Map<string, Track>()
  let [first, last] = [Infinity, -Infinity]
  for (const fence of fences) {
    const [from, to] = [wallMinutes(fence.from), wallMinutes(fence.to)]
    if (from === null || to === null) continue
    const key = fence.place ?? fence.place_name
    const track = tracks.get(key) ?? { key, name: fence.place_name, bars: [] }
    tracks.set(key, track)
    track.bars.push({ id: fence.id, from, to, air: to + fence.gap_minutes, state: fenceState(fence, today) })
    first = Math.min(first, from)
    last = Math.max(last, to + fence.gap_minutes)
  }
  if (tracks.size === 0) return null
  const [firstDay, lastDay] = [Math.floor(first / DAY_MINUTES), Math.floor(last / DAY_MINUTES) + 1]
  const step = lastDay - firstDay > DAILY ? 7 : 1
  const days: Tracks['days'] = []
  for (let day = firstDay; day <= lastDay; day += step) days.push({ at: day * DAY_MINUTES, day: dayAt(day) })
  const order = [...tracks.values()].sort((a, b) => a.bars[0]!.from - b.bars[0]!.from || (a.name < b.name ? -1 : 1))
  return { tracks: order, first: firstDay * DAY_MINUTES, last: lastDay * DAY_MINUTES, days }
}

/** Hours, minutes and seconds until an instant: `3:59:07`; null when it is past. */
export function countdown(until: string, now: number): string | null {
  const seconds = Math.floor((Date.parse(until) - now) / 1000)
  if (!Number.isFinite(seconds) || seconds <= 0) return null
  const two = (value: number) => String(value).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
