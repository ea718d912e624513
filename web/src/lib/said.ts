// Answers on their way to the server. Each is kept on this device when its field is left, before anything is sent, and goes
// when the server has it: a lost connection, a closed tab or a flat battery loses no word. Sent again after a lost answer it
// is done once, because its id was made here. Nobody sees, replaces or sends what somebody else said.
//
// Deliberately absent: what happens when two people wrote the same answer. The server knows, and says so.

import { sameValue } from './answer_value'
import type { Failure } from './api'
import type { Shelf } from './shelf'
import type { Answered } from './trace'

export interface Said {
  /** Of the change. */
  id: string
  account: string
  interview: string
  question: string
  value: unknown
  /** The version of the answer that its writer saw; 0 is none. */
  based_on: number
  /** It was sent at least once: it may have arrived. */
  sent: boolean
  refused: { code: string; zh: string; en: string } | null
}

export interface Ways {
  shelf: Shelf<Said>
  send: (said: Said) => Promise<Answered>
  failureOf: (error: unknown) => Failure
  makeId: () => string
}

/** `cut`: nothing goes at the moment; `later`: this one does not, others may. */
type Outcome = 'kept' | 'refused' | 'later' | 'cut'

export class Outgoing {
  onchange: (list: Said[]) => void = () => {}
  /** The server has it. */
  onkept: (said: Said, answer: Answered) => void = () => {}
  /** Why something still waits after the last attempt. */
  stopped: Failure | null = null
  #all: Said[] = []
  #account = ''
  #running: Promise<boolean> | null = null
  /** What this browser would not keep: it lives as long as the page. */
  #loose = new Set<string>()

  constructor(private readonly ways: Ways) {}

  /** What the account that is here said. */
  get list(): Said[] {
    return this.#all.filter((one) => one.account === this.#account)
  }

  /** Somebody is here. What others left on this device is deleted: it names patients. Tells how many that were. */
  async enter(account: string): Promise<number> {
    this.#account = account
    this.#set(this.#all)
    try {
      const kept = await this.ways.shelf.all()
      if (this.#account !== account) return 0
      this.#set([...kept, ...this.#all.filter((one) => !kept.some((other) => other.id === one.id))])
    } catch {
      // This browser keeps nothing; what waits lives as long as the page.
    }
    const others = this.#all.filter((one) => one.account !== account)
    this.#set(this.list)
    for (const one of others) await this.#forget(one.id)
    return others.length
  }

  /** Nobody is here for the moment; what was said waits for its writer. */
  leave() {
    this.#account = ''
    this.#set(this.#all)
  }

  /** Its writer goes and does not want it sent. */
  async forget() {
    const all = this.#all
    this.#set([])
    for (const one of all) await this.#forget(one.id)
  }

  of(interview: string, question: string): Said | null {
    return this.list.findLast((one) => one.interview === interview && one.question === question) ?? null
  }

  /** The words of one question as they are now. What waited for the same question and was never sent gives way to them. */
  async say(interview: string, question: string, value: unknown, based_on: number) {
    const before = this.of(interview, question)
    if (before && !before.refused && sameValue(before.value, value)) return
    const gives = before && (!before.sent || before.refused) ? before : null
    await this.#put(
      {
        id: this.ways.makeId(),
        account: this.#account,
        interview,
        question,
        value,
        based_on: gives ? gives.based_on : based_on,
        sent: false,
        refused: null,
      },
      gives,
    )
  }

  /** What was refused may be right by now. A refused change was not done, so this is another one. */
  async again(id: string) {
    const refused = this.list.find((one) => one.id === id && one.refused)
    if (refused) await this.#put({ ...refused, id: this.ways.makeId(), sent: false, refused: null }, refused)
  }

  /** Back to what the server has. */
  async drop(id: string) {
    this.#set(this.#all.filter((one) => one.id !== id))
    await this.#forget(id)
  }

  /** Sends what waits in the order it was written, until the connection fails. True when nothing waits. */
  flush(): Promise<boolean> {
    this.#running ??= this.#flush().finally(() => (this.#running = null))
    return this.#running
  }

  async #flush(): Promise<boolean> {
    this.stopped = null
    const later = new Set<string>()
    const about = (said: Said) => `${said.interview}.${said.question}`
    for (;;) {
      // What follows on an answer that did not go waits behind it.
      const next = this.list.find((one) => !one.refused && !later.has(about(one)))
      if (!next) return later.size === 0
      const outcome = await this.#send(next)
      if (outcome === 'cut') return false
      if (outcome === 'later') later.add(about(next))
    }
  }

  async #send(said: Said): Promise<Outcome> {
    const going = { ...said, sent: true }
    if (!(await this.#stands(going))) return 'kept'
    try {
      const answer = await this.ways.send(going)
      // What was written meanwhile to the same question continues from this version, not from the one before.
      for (const later of this.#all)
        if (later.id !== said.id && later.account === said.account && later.interview === said.interview && later.question === said.question && !later.sent)
          await this.#stands({ ...later, based_on: Math.max(later.based_on, answer.seq) })
      if (this.#all.some((one) => one.id === said.id)) this.onkept(going, answer)
      await this.drop(said.id)
      return 'kept'
    } catch (error) {
      const failure = this.ways.failureOf(error)
      const { status, code, zh, en } = failure
      // Signed out, unsure who is there, or a server in trouble: the words are as good as before.
      if (failure.passing || status === 401 || code.startsWith('access.')) {
        this.stopped = failure
        return 'cut'
      }
      if (status < 400 || status >= 500) {
        this.stopped = failure
        return 'later'
      }
      await this.#stands({ ...going, refused: { code, zh, en } })
      return 'refused'
    }
  }

  /** Takes the place of what had its id, unless that was taken back, sent by another page or forgotten meanwhile. */
  async #stands(said: Said): Promise<boolean> {
    try {
      if (!this.#loose.has(said.id) && !(await this.ways.shelf.replace(said))) {
        this.#set(this.#all.filter((one) => one.id !== said.id))
        return false
      }
    } catch {
      // Kept by the page alone.
    }
    this.#set(this.#all.map((one) => (one.id === said.id ? said : one)))
    return this.#all.some((one) => one.id === said.id)
  }

  async #put(said: Said, instead: Said | null) {
    this.#set([...this.#all.filter((one) => one !== instead), said])
    try {
      await this.ways.shelf.put(said)
    } catch {
      this.#loose.add(said.id)
    }
    if (instead) await this.#forget(instead.id)
  }

  #set(all: Said[]) {
    this.#all = all
    this.onchange(this.list)
  }

  async #forget(id: string) {
    this.#loose.delete(id)
    try {
      await this.ways.shelf.remove(id)
    } catch {
      // Nothing was kept.
    }
  }
}
