// A person's own days against the published places. Everything here happens on their device; nothing in this file, nor in
// the page that uses it, sends any of it.

import type { PublicFence } from '../../lib/trace'
import { wallMinutes } from '../../lib/wall'

export interface Own {
  id: string
  place: string
  /** Local, 2022-02-20T18:30. */
  from: string
  to: string
}

export interface Kept {
  stays: Own[]
  /** Published places marked "I was there". */
  marked: string[]
}

export interface Hit {
  fence: PublicFence
  /** Null when the place itself was marked. */
  own: Own | null
  /** The names are the same; otherwise only alike. */
  sure: boolean
}

/** A published place and time; the list carries no ids, and two counties have places of one name. */
export const fenceKey = (fence: PublicFence) => `${fence.territory}|${fence.place_name}|${fence.from}|${fence.to}`

export function hitsOf(fences: PublicFence[], kept: Kept): Hit[] {
  const hits: Hit[] = []
  for (const fence of fences) {
    if (kept.marked.includes(fenceKey(fence))) {
      hits.push({ fence, own: null, sure: true })
      continue
    }
    const found = kept.stays
      .filter((own) => sharesTime(fence, own))
      .map((own) => ({ fence, own, alike: alike(fence, own.place) }))
      .filter((hit) => hit.alike > 0)
      .sort((a, b) => b.alike - a.alike)[0]
    if (found) hits.push({ fence, own: found.own, sure: found.alike === 1 })
  }
  return hits.sort((a, b) => Number(b.sure) - Number(a.sure) || (a.fence.from < b.fence.from ? 1 : -1))
}

/** The air that stays counts for the visitor: whoever came shortly after is meant too. */
export function sharesTime(fence: Pick<PublicFence, 'from' | 'to' | 'gap_minutes'>, own: Pick<Own, 'from' | 'to'>): boolean {
  const [from, to, came, left] = [fence.from, fence.to, own.from, own.to].map(wallMinutes)
  if (from == null || to == null || came == null || left == null || left < came) return false
  return came <= to + fence.gap_minutes && left >= from
}

/** Half of their neighbouring letters in common: "红星超市" and "红星生活超市" are, two different restaurants are not. */
const ALIKE = 0.5

/** 1 for the same name or the same train, something less for names that are alike, 0 for others. */
export function alike(fence: Pick<PublicFence, 'place_name' | 'ride'>, place: string): number {
  const [published, written] = [plain(fence.place_name), plain(place)]
  if (!written) return 0
  if (published === written || (fence.ride && plain(fence.ride.number) === written)) return 1
  const shorter = published.length < written.length ? published : written
  const least = /[\u2e80-\uffff]/.test(shorter) ? 2 : 4
  if (shorter.length >= least && (published.includes(written) || written.includes(published))) return 0.9
  const share = pairsInCommon(published, written)
  return share >= ALIKE ? share * 0.9 : 0
}

/** Full-width letters, capitals, spaces and marks make no difference. */
function plain(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** Dice's coefficient over neighbouring letters (Dice 1945, Ecology 26:297). */
function pairsInCommon(one: string, other: string): number {
  const pairs = (text: string) => Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2))
  const [first, rest] = [pairs(one), pairs(other)]
  if (!first.length || !rest.length) return 0
  const total = first.length + rest.length
  let common = 0
  for (const pair of first) {
    const at = rest.indexOf(pair)
    if (at >= 0) {
      rest.splice(at, 1)
      common++
    }
  }
  return (2 * common) / total
}
