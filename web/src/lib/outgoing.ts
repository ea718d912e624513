// What was done on this phone, on its way to the server. Each piece is kept here before it is sent, and has an id made here: sent
// again after a lost answer it is done once. What the server said about each stays until it is read.
//
// Deliberately absent: how a piece is kept and how it is sent; both are given, so that this can be tried without either.

import type { Failure } from './api'

export interface Going {
  id: string
  at: number
  state: 'waiting' | 'kept' | 'refused'
  said: { code: string; zh: string; en: string } | null
  out: { counted: boolean } | null
}

export type Heard<Out> = { id: string; out: Out } | { id: string; error: { code: string; say_zh: string; say_en: string } }

export interface WaysOf<D extends Going> {
  keep: (pieces: D[]) => Promise<void>
  forget: (ids: string[]) => Promise<void>
  send: (pieces: D[]) => Promise<Map<string, Heard<NonNullable<D['out']>>>>
  failureOf: (error: unknown) => Failure
}

/** Pieces of one request; the doors take five hundred. */
const BATCH = 100

/** What was kept is shown this many. */
const SHOWN = 30

export class Outgoing<D extends Going> {
  all: D[] = []
  onchange: (all: D[]) => void = () => {}
  stopped: Failure | null = null
  #running: Promise<boolean> | null = null

  constructor(private readonly ways: WaysOf<D>) {}

  get waiting(): D[] {
    return this.all.filter((piece) => piece.state === 'waiting')
  }

  take(all: D[]) {
    this.#set([...all].sort((a, b) => a.at - b.at))
  }

  /** Kept first, shown then: what is on the screen is on the disk. */
  async add(piece: D) {
    await this.ways.keep([piece])
    this.#set([...this.all, piece])
  }

  async drop(id: string) {
    await this.ways.forget([id])
    this.#set(this.all.filter((piece) => piece.id !== id))
  }

  /** Sends what waits, in the order it was done. True when nothing waits. */
  flush(): Promise<boolean> {
    this.#running ??= this.#flush().finally(() => (this.#running = null))
    return this.#running
  }

  async #flush(): Promise<boolean> {
    this.stopped = null
    for (;;) {
      const batch = this.waiting.slice(0, BATCH)
      if (batch.length === 0) return true
      let answers: Map<string, Heard<NonNullable<D['out']>>>
      try {
        answers = await this.ways.send(batch)
      } catch (error) {
        this.stopped = this.ways.failureOf(error)
        return false
      }
      const told = batch.filter((piece) => answers.has(piece.id)).map((piece) => answered(piece, answers.get(piece.id)!))
      if (told.length === 0) return false
      await this.ways.keep(told)
      const by = new Map(told.map((piece) => [piece.id, piece]))
      this.#set(this.all.map((piece) => by.get(piece.id) ?? piece))
      await this.#forgetOld()
    }
  }

  /** What the server has is not needed here; what it said of a few is worth reading. */
  async #forgetOld() {
    const read = this.all.filter((piece) => piece.state === 'kept' && piece.out?.counted)
    const old = read.slice(0, Math.max(0, read.length - SHOWN)).map((piece) => piece.id)
    if (old.length === 0) return
    await this.ways.forget(old)
    this.#set(this.all.filter((piece) => !old.includes(piece.id)))
  }

  #set(all: D[]) {
    this.all = all
    this.onchange(all)
  }
}

function answered<D extends Going>(piece: D, answer: Heard<NonNullable<D['out']>>): D {
  if ('out' in answer) return { ...piece, state: 'kept', out: answer.out, said: null }
  const { code, say_zh, say_en } = answer.error
  return { ...piece, state: 'refused', said: { code, zh: say_zh, en: say_en } }
}

/** Answers line by line; half a line is none, and what it would have said is asked for again. */
export function heardIn<Out>(text: string): Map<string, Heard<Out>> {
  const found = new Map<string, Heard<Out>>()
  for (const line of text.split('\n')) {
    try {
      const answer = JSON.parse(line) as Heard<Out>
      if (typeof answer.id === 'string' && ('out' in answer || 'error' in answer)) found.set(answer.id, answer)
    } catch {
      // Cut off in the middle.
    }
  }
  return found
}
