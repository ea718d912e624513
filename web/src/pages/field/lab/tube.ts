// A tube and the people in it, as this phone knows them; and a box of tubes. Everything a tube says is fixed when it closes.

import type { Conflict, Member, Post, TubeKind, TubeLine } from '../../../lib/lab'
import type { Owned } from '../../../lib/sealed'

/** A member before the tube closes has no position: it is their place in the list. */
export type Person = Omit<Member, 'position'>

export type Said = { code: string; zh: string; en: string }

export interface Tube extends Owned {
  what: 'tube'
  /** `id` is that of the change. */
  device: string
  post: string
  tube: string
  kind: TubeKind
  size: number
  people: Person[]
  /** Of each person, so that the same one is noticed again today; kept longer than the name. */
  marks: { mark: string; at: number }[]
  opened: number
  closed: number | null
  /** It closed because it was full: its last person can be taken back until then. */
  held_until: number
  state: 'open' | 'waiting' | 'kept' | 'refused'
  /** It left this phone at least once: it may have arrived. */
  sent: boolean
  said: Said | null
  conflicts: Conflict[]
  /** How many people are in it: known also when their names are no longer kept. */
  count: number
  /** Somebody held is sampled again, alone: the tube and the place that held them. */
  again: string | null
  /** It came out of this record, which it replaces. */
  replaces: string | null
}

export interface Box extends Owned {
  what: 'box'
  post: string
  box: string
  tubes: string[]
  /** People in the tubes, for the list that travels along. */
  people: number
  packed: number
  state: 'waiting' | 'kept' | 'refused'
  said: Said | null
  /** Of its tubes, those that the server knows in another box. */
  elsewhere: string[]
  handed: { id: string; at: number; count: number; courier: string; state: 'waiting' | 'kept' | 'refused'; said: Said | null } | null
}

export type Entry = Tube | Box

export const isUnsent = (entry: Entry) =>
  entry.what === 'tube' ? entry.state !== 'kept' : entry.state !== 'kept' || (entry.handed !== null && entry.handed.state !== 'kept')

export interface Opening {
  id: string
  account: string
  device: string
  post: Pick<Post, 'id'>
  tube: string
  kind: TubeKind
  size: number
  at: number
  again?: string | null
}

export function openTube({ id, account, device, post, tube, kind, size, at, again = null }: Opening): Tube {
  return {
    ...{ what: 'tube', id, account, device, post: post.id, tube, kind, size, people: [], marks: [], opened: at, closed: null },
    ...{ held_until: 0, state: 'open', sent: false, said: null, conflicts: [], count: 0, again, replaces: null },
  }
}

/** How long a tube that closed itself can be opened again before it leaves. */
export const HOLD_MS = 12_000

export const isFull = (tube: Tube) => tube.count >= tube.size

export function withPerson(tube: Tube, person: Person, mark: string): Tube {
  if (tube.state !== 'open' || isFull(tube)) return tube
  return { ...tube, people: [...tube.people, person], marks: [...tube.marks, { mark, at: person.at }], count: tube.count + 1 }
}

export function withoutPerson(tube: Tube, at: number): Tube {
  if (tube.state !== 'open') return tube
  const left = <T>(list: T[]) => list.filter((_, index) => index !== at)
  return { ...tube, people: left(tube.people), marks: left(tube.marks), count: left(tube.people).length }
}

export function closeTube(tube: Tube, at: number, hold: number): Tube {
  return { ...tube, state: 'waiting', closed: Math.max(at, ...tube.people.map((person) => person.at)), held_until: at + hold }
}

/** Open again under another id, when it never left this phone or was refused. */
export function reopenTube(tube: Tube, id: string): Tube | null {
  if (tube.state === 'open' || tube.state === 'kept' || (tube.state === 'waiting' && tube.sent)) return null
  return { ...tube, id, state: 'open', closed: null, held_until: 0, sent: false, said: null, conflicts: [], replaces: tube.id }
}

export function lineOf(tube: Tube): TubeLine {
  const { id, post, kind, size, device } = tube
  const closed = tube.closed ?? tube.opened
  return {
    ...{ id, tube: tube.tube, post, kind, size, sampled: Math.min(closed, ...tube.people.map((person) => person.at)), closed, device },
    ...(tube.again ? { again: tube.again } : {}),
    members: tube.people.map((person, index) => ({ position: index + 1, ...person })),
  }
}

/** The server has it: names leave the phone, but for those about whom there is a question. */
export function keptTube(tube: Tube, count: number, conflicts: Conflict[]): Tube {
  const people = conflicts.length ? tube.people : []
  return { ...tube, state: 'kept', said: null, conflicts, people, count }
}

/** A barcode as tubes and boxes carry it; null when a text cannot be one. */
export function barcode(text: string): string | null {
  const plain = text.normalize('NFKC').trim().toUpperCase()
  return /^[A-Z0-9-]{4,32}$/.test(plain) ? plain : null
}

/** Of whom a tube of one is the second sample: `BARCODE/place`; null when a text does not say it. */
export function againOf(text: string): string | null {
  const parts = /^(.+?)\s*[/\s#]\s*(\d{1,2})$/.exec(text.normalize('NFKC').trim())
  const [code, place] = [barcode(parts?.[1] ?? ''), Number(parts?.[2])]
  return code !== null && place >= 1 && place <= 20 ? `${code}/${place}` : null
}
