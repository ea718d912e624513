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
  /** No new codes are made just now. */
  codes_off?: boolean
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
  constructor(
    readonly status: number,
    /** How long the server asks to be left alone, and about how many come before. */
    readonly waitMs: number | null = null,
    readonly before: number | null = null,
  ) {
    super(String(status))
  }
}

async function refusedBy(response: Response): Promise<Refused> {
  const seconds = Number(response.headers.get('retry-after') ?? NaN)
  const said = (await response.json().catch(() => null)) as { before?: number } | null
  return new Refused(response.status, seconds >= 0 ? seconds * 1000 : null, said?.before ?? null)
}

/** While no new codes are made, one that is on this phone goes on until it ends. */
function carried(tubes: Tube[], before: Tube[] | undefined): Tube[] {
  const codes = new Map((before ?? []).flatMap((tube) => (tube.code ? [[tube.sampled, tube.code] as const] : [])))
  return tubes.map((tube) => (tube.state === 'negative' && tube.code === null ? { ...tube, code: codes.get(tube.sampled) ?? null } : tube))
}

/** Without cookies: whoever is signed in here is nobody to this question. */
export async function askResults(codes: Pick<Kept, 'id' | 'holder'>[], before: Answer | null = null): Promise<Answer> {
  const answer: Answer = { at: Date.now(), people: {} }
  for (let from = 0; from < codes.length; from += AT_ONCE) {
    const some = codes.slice(from, from + AT_ONCE)
    const body = JSON.stringify({ secrets: some.map((one) => one.holder), codes: true })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch('/api/public/results', { method: 'POST', credentials: 'omit', headers, body })
    if (!response.ok) throw await refusedBy(response)
    const told = (await response.json()) as { at: number; codes_off?: boolean; people: { tubes: Tube[] }[] }
    answer.at = told.at
    if (told.codes_off) answer.codes_off = true
    some.forEach((one, at) => {
      const tubes = told.people[at]?.tubes ?? []
      answer.people[one.id] = told.codes_off ? carried(tubes, before?.people[one.id]) : tubes
    })
  }
  return answer
}

/** What stands in large words: that somebody is held, a code that still holds, else the newest that is known. */
export function standing(tubes: Tube[], now: number): { tube: Tube | null; holds: boolean } {
  const held = tubes.find((tube) => tube.state === 'again' && tube.due !== null)
  const valid = held ? undefined : tubes.find((tube) => tube.state === 'negative' && tube.code !== null && (tube.ends ?? 0) > now)
  return { tube: valid ?? held ?? tubes[0] ?? null, holds: valid !== undefined }
}
