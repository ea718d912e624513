// What the server said of the codes on this phone: asked for all of them at once, kept with its time for when there is no network.

import type { Kept } from './own_codes'

export type TubeState = 'waiting' | 'negative' | 'again' | 'cleared' | 'positive'

/** Times in milliseconds. */
export interface Tube {
  sampled: number
  reported: number | null
  state: TubeState
  /** Until when a report is owed, or somebody is sampled again. */
  due: number | null
  ends: number | null
  extended: 'late_result' | 'next_result_overdue' | 'outage' | null
  code: string | null
}

export interface Answer {
  at: number
  /** By the id of the code on this phone; the secrets stand only in the codes themselves. */
  people: Record<string, Tube[]>
}

const KEY = 'quell.public.results'
/** One request asks for as many. */
const AT_ONCE = 10
type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** The last answer about codes that are still on this phone: who was deleted here leaves nothing. */
export function keptAnswer(store: Store, codes: Pick<Kept, 'id'>[]): Answer | null {
  try {
    const kept = JSON.parse(store.getItem(KEY) ?? 'null') as Answer | null
    if (typeof kept?.at !== 'number' || typeof kept.people !== 'object') return null
    const people = Object.fromEntries(codes.flatMap(({ id }) => (Array.isArray(kept.people[id]) ? [[id, kept.people[id]]] : [])))
    const answer = { at: kept.at, people }
    if (Object.keys(people).length < Object.keys(kept.people).length) keepAnswer(store, answer)
    return answer
  } catch {
    return null
  }
}

export function keepAnswer(store: Store, answer: Answer) {
  try {
    if (Object.keys(answer.people).length) store.setItem(KEY, JSON.stringify(answer))
    else store.removeItem(KEY)
  } catch {
    // A browser that keeps nothing shows what it was told now.
  }
}

export class Refused extends Error {
  constructor(readonly status: number) {
    super(String(status))
  }
}

/** Without cookies: whoever is signed in here is nobody to this question. */
export async function askResults(codes: Pick<Kept, 'id' | 'holder'>[]): Promise<Answer> {
  const answer: Answer = { at: Date.now(), people: {} }
  for (let from = 0; from < codes.length; from += AT_ONCE) {
    const some = codes.slice(from, from + AT_ONCE)
    const body = JSON.stringify({ secrets: some.map((one) => one.holder), codes: true })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch('/api/public/results', { method: 'POST', credentials: 'omit', headers, body })
    if (!response.ok) throw new Refused(response.status)
    const told = (await response.json()) as { at: number; people: { tubes: Tube[] }[] }
    answer.at = told.at
    some.forEach((one, at) => (answer.people[one.id] = told.people[at]?.tubes ?? []))
  }
  return answer
}

/** What stands in large words: that somebody is held, a code that still holds, else the newest that is known. */
export function standing(tubes: Tube[], now: number): { tube: Tube | null; holds: boolean } {
  const held = tubes.find((tube) => tube.state === 'again' && tube.due !== null)
  const valid = held ? undefined : tubes.find((tube) => tube.state === 'negative' && tube.code !== null && (tube.ends ?? 0) > now)
  return { tube: valid ?? held ?? tubes[0] ?? null, holds: valid !== undefined }
}
