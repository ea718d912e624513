// A paper list while it is typed in: tubes with the people the sheet has in them, each with the time as it is written there.
//
// Deliberately absent: keeping and sending. A tube's id is made when it is begun, so that sent again it is registered once.

import { readDocument, type NumberFault } from '../../../lib/identity'
import type { Conflict, ListRow, Member, TubeLine } from '../../../lib/lab'
import type { Document } from '../../../lib/person_code'
import type { Owned } from '../../../lib/sealed'
import { wallMinutes } from '../../../lib/wall'

/** Sheets are written by the clock on the wall of a place; the shipped regions have one (UTC+8). */
const OFFSET_MINUTES = 480

export interface Listed {
  name: string
  document: Document
  number: string
  phone: string
  /** Sheet and line. */
  sheet: string | null
  /** By what the same person is noticed; '' by nothing. */
  mark: string
}

export interface PaperTube {
  id: string
  tube: string
  post: string
  size: number
  /** On the wall of the place, as written: 2022-02-21T08:10. */
  sampled: string
  sampler: string
  people: Listed[]
  /** How many, also when the names are no longer kept; and by whom they are noticed. */
  count: number
  marks: string[]
  state: 'typed' | 'sent' | 'kept' | 'refused'
  said: { code: string; zh: string; en: string } | null
  conflicts: Conflict[]
  /** Places whose people are in another tube of that day. */
  sameDay: number[]
}

/** What lies on this machine, sealed. */
export interface Sheet extends Owned {
  what: 'sheet'
  post: string
  sampler: string
  sheet: string
  size: number
  sampled: string
  /** The tube that is being typed. */
  open: PaperTube | null
  tubes: PaperTube[]
}

export const sheetId = (account: string) => `paper.${account}`

export function emptySheet(account: string): Sheet {
  return { what: 'sheet', id: sheetId(account), account, post: '', sampler: '', sheet: '', size: 10, sampled: '', open: null, tubes: [] }
}

export const isSheetUnsent = (sheet: Sheet) => (sheet.open?.people.length ?? 0) > 0 || sheet.tubes.some((tube) => tube.state !== 'kept')

/** The moment of a time on the wall; null when it is none. */
export function momentOf(wall: string): number | null {
  const minutes = wallMinutes(wall)
  return minutes === null ? null : (minutes - OFFSET_MINUTES) * 60_000
}

export type PersonFault = NumberFault | 'nobody'

/** `stops`: nobody is told by it. Everything else is a hint: the sheet may be right and the rule wrong. */
export function faultOf({ name, document, number }: Pick<Listed, 'name' | 'document' | 'number'>): { fault: PersonFault | null; stops: boolean } {
  if (!name.trim() && !number.trim()) return { fault: 'nobody', stops: true }
  if (!number.trim()) return { fault: document === 'none' || document === 'guardian' ? null : 'empty', stops: false }
  return { fault: document === 'none' ? null : readDocument(document, number).fault, stops: false }
}

export const isFull = (tube: PaperTube) => tube.people.length >= tube.size

/** Every tube of the sheet in which somebody is on that day. */
export function sameDayIn(sheet: Sheet, mark: string, sampled: string): PaperTube | null {
  if (mark === '') return null
  const all = sheet.open ? [...sheet.tubes, sheet.open] : sheet.tubes
  return all.find((tube) => tube.sampled.slice(0, 10) === sampled.slice(0, 10) && tube.marks.includes(mark)) ?? null
}

export function withListed(tube: PaperTube, person: Listed): PaperTube {
  if (isFull(tube)) return tube
  return withPeople(tube, [...tube.people, person])
}

export function withPeople(tube: PaperTube, people: Listed[]): PaperTube {
  return { ...tube, people, count: people.length, marks: people.map((person) => person.mark) }
}

export function lineOf(tube: PaperTube, device: string): TubeLine {
  const at = momentOf(tube.sampled) ?? 0
  const members: Member[] = tube.people.map(({ name, document, number, phone, sheet }, index) => ({
    ...{ position: index + 1, at, way: 'paper', name, document: number ? document : 'none', number, phone, born: null, sheet, holder: null },
  }))
  return {
    ...{ id: tube.id, tube: tube.tube, post: tube.post, kind: 'people', size: tube.size, sampled: at, closed: at, device, members },
    paper: { sampler: tube.sampler },
  }
}

/** The server has it: names go, but for those about whom there is a question. */
export function keptPaper(tube: PaperTube, count: number, conflicts: Conflict[], sameDay: number[]): PaperTube {
  const asked = conflicts.length > 0 || sameDay.length > 0
  return { ...tube, state: 'kept', said: null, conflicts, sameDay, count, people: asked ? tube.people : [] }
}

/** Rows by their tube, in the order in which the file has them. */
export function byTube(rows: ListRow[]): Map<string, ListRow[]> {
  const tubes = new Map<string, ListRow[]>()
  for (const row of rows) tubes.set(row.tube, [...(tubes.get(row.tube) ?? []), row])
  return tubes
}
