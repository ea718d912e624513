// What the testing room says and takes: where somebody may take samples, tubes with their people, boxes.

import { Failure, get, noAnswer, sendLines, write } from './api'
import type { Document } from './person_code'

/** What lets somebody register samples. */
export const COLLECTS = 'lab.collect'

export interface Post {
  id: string
  name: string
  round: string
  round_name: string
  territory_zh: string | null
  territory_en: string | null
  /** How many people a tube of this round holds. */
  pool_size: number
  sizes: number[]
  opens: number | string | null
  deadline: number | string | null
}

export interface Posts {
  now: number | string
  posts: Post[]
}

export type TubeKind = 'people' | 'goods' | 'surface' | 'wastewater'
export const KINDS: TubeKind[] = ['people', 'goods', 'surface', 'wastewater']

export type Way = 'code' | 'number' | 'paper'

/** One person in a tube, or one thing that was swabbed. */
export interface Member {
  position: number
  /** When, by this device. */
  at: number
  way: Way
  name: string
  document: Document
  number: string
  phone: string
  born: string | null
  sheet: string | null
  holder: string | null
}

/** A closed tube as it is sent. */
export interface TubeLine {
  id: string
  tube: string
  post: string
  kind: TubeKind
  size: number
  sampled: number
  closed: number
  device: string
  members: Member[]
  /** `BARCODE/place` of whoever is sampled again, alone. */
  again?: string
  /** Typed in from a paper list: who sampled, as it says. */
  paper?: { sampler: string }
}

/** Somebody of this tube about whom two phones, or two tubes, say different things. */
export interface Conflict {
  position: number
  why: string
}

export interface TubeOut {
  tube: string
  people: number
  conflicts: Conflict[]
  /** Places of a paper list whose people are in another tube of that day. */
  same_day?: number[]
}

export interface Packed {
  tubes: number
  /** Not registered yet: their telephone was not heard. */
  unknown: string[]
  elsewhere: string[]
}

/** A row of a file as the server read it. */
export interface ListRow {
  row: number
  tube: string
  size: number | null
  sampled: string
  sampler: string
  sheet: string | null
  name: string
  document: Document
  number: string
  phone: string
}

export interface ListRead {
  rows: ListRow[]
  refused: { row: number; field: string; code: string; zh: string; en: string }[]
  read: number
}

export type TubeAnswer = { id: string; out: TubeOut } | { id: string; error: { code: string; say_zh: string; say_en: string } }

export const milliseconds = (moment: number | string | null | undefined): number | null => {
  if (moment === null || moment === undefined) return null
  const at = typeof moment === 'number' ? moment : Date.parse(moment)
  return Number.isFinite(at) ? at : null
}

const TUBES = '/api/lab/tubes'

export const posts = (signal?: AbortSignal) => get<Posts>('/api/lab/posts', {}, signal)

/** Posts whose paper lists may still come in, of rounds that are over too. */
export const latePosts = (signal?: AbortSignal) => get<Posts>('/api/lab/posts', { late: true }, signal)

/** Whether the server takes packed lines; it says when it does not. */
let packs = typeof CompressionStream !== 'undefined'

/** Tubes, a line each, and what the server says about each by its id. A line that is missing was not answered. */
export async function registerTubes(lines: TubeLine[]): Promise<Map<string, TubeAnswer>> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const headers = { 'content-type': 'application/x-ndjson' }
  try {
    if (packs) {
      try {
        return answersIn(await sendLines(TUBES, await gzip(text), { ...headers, 'content-encoding': 'gzip' }))
      } catch (error) {
        if (!(error instanceof Failure && error.status === 415)) throw error
        packs = false
      }
    }
    return answersIn(await sendLines(TUBES, text, headers))
  } catch (error) {
    // An answer cut off in the middle is no answer.
    throw error instanceof Failure ? error : noAnswer()
  }
}

export function answersIn(text: string): Map<string, TubeAnswer> {
  const found = new Map<string, TubeAnswer>()
  for (const line of text.split('\n')) {
    try {
      const answer = JSON.parse(line) as TubeAnswer
      if (typeof answer.id === 'string' && ('out' in answer || 'error' in answer)) found.set(answer.id, answer)
    } catch {
      // Half a line: the connection broke there, and what it would have said is asked for again.
    }
  }
  return found
}

const gzip = (text: string): Promise<Blob> => new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).blob()

// Not repeated by themselves: a platform under load says how long it wants to be left alone, and the queue waits that long.

export const packBox = (body: { id: string; box: string; post: string; tubes: string[]; packed: number }) =>
  write<{ out: Packed }>('/api/changes/pack-box', body)

export const handOverBox = (body: { id: string; box: string; at: number; count: number; courier: string }) =>
  write<unknown>('/api/changes/hand-over-box', body)
