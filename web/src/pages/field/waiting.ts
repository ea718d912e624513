// Numbers on their way to the server. Each report is a change with an id made here: sent again after a lost answer it is
// done once. What the server said about each stays until it is read.
//
// Deliberately absent: how a report is kept and how it is sent; both are given, so that this can be tried without either.

import type { Failure } from '../../lib/api'
import { spread } from '../../lib/busy.svelte'
import type { Shelf } from '../../lib/shelf'
import type { Kept } from '../../lib/surveillance'

export interface Numbers {
  [indicator: string]: { value: number; of?: number }
}

/** `asks`: the server found a number unusual and wants it confirmed. */
export type ReportState = 'waiting' | 'kept' | 'refused' | 'asks'

export interface Report {
  id: string
  /** Who typed it: nobody else's session sends it. */
  account: string
  account_name: string
  site: string
  site_name: string
  day: string
  numbers: Numbers
  confirmed: string[]
  /** When it was typed, by this device. */
  made: number
  /** How often it was sent without an answer: it may have arrived. */
  unanswered: number
  state: ReportState
  said: { code: string; zh: string; en: string; field: string | null } | null
  out: Kept['kept'] | null
}

export type New = Pick<Report, 'account' | 'account_name' | 'site' | 'site_name' | 'day' | 'numbers' | 'confirmed'>

export interface Ways {
  shelf: Shelf<Report>
  send: (report: Report) => Promise<Kept>
  failureOf: (error: unknown) => Failure
  makeId: () => string
  clock: () => number
}

/** Reports that were kept are shown this many. */
const SHOWN_KEPT = 12

/** Refused with this code a number is right if its reporter says so. */
export const UNUSUAL = 'surveillance.unusual'

export class Waiting {
  reports: Report[] = []
  /** Called after every change of `reports`. */
  onchange: (reports: Report[]) => void = () => {}
  /** The server asked to be left alone until then. */
  waitUntil = 0
  #sending = false

  constructor(private readonly ways: Ways) {}

  async load() {
    this.#set(await this.ways.shelf.all())
  }

  async add(report: New): Promise<Report> {
    const whole: Report = {
      ...report,
      id: this.ways.makeId(),
      made: this.ways.clock(),
      unanswered: 0,
      state: 'waiting',
      said: null,
      out: null,
    }
    await this.#put(whole)
    return whole
  }

  /** Other numbers for a report that is not kept yet. One that may have arrived is left as it is, and the new numbers
   * follow it as a correction; one that certainly did not is replaced. */
  async edit(id: string, numbers: Numbers, confirmed: string[]): Promise<Report | null> {
    const before = this.reports.find((report) => report.id === id)
    if (!before) return null
    if (before.state === 'kept' || (before.state === 'waiting' && before.unanswered > 0)) return this.add({ ...before, numbers, confirmed })
    const after = await this.add({ ...before, numbers, confirmed })
    await this.drop(id)
    return after
  }

  /** "Really?": yes. A refused change was not done, so this is another one. */
  async confirm(id: string): Promise<Report | null> {
    const before = this.reports.find((report) => report.id === id)
    const indicator = before?.said?.field?.replace(/^numbers\./, '')
    if (!before || before.state !== 'asks' || !indicator) return null
    return this.edit(id, before.numbers, [...new Set([...before.confirmed, indicator])])
  }

  async drop(id: string) {
    await this.ways.shelf.remove(id)
    this.#set(this.reports.filter((report) => report.id !== id))
  }

  /** Sends what waits of this account, the oldest first, until the connection fails. True when nothing waits any more. */
  async flush(account: string): Promise<boolean> {
    if (this.#sending || this.ways.clock() < this.waitUntil) return false
    this.#sending = true
    try {
      for (let next = this.#next(account); next; next = this.#next(account)) if (!(await this.#send(next))) return false
      await this.#forgetOldKept()
      return true
    } finally {
      this.#sending = false
    }
  }

  #next(account: string): Report | undefined {
    return this.reports.find((report) => report.state === 'waiting' && report.account === account)
  }

  async #send(report: Report): Promise<boolean> {
    try {
      const { kept } = await this.ways.send(report)
      await this.#put({ ...report, state: 'kept', out: kept, said: null })
      return true
    } catch (error) {
      const failure = this.ways.failureOf(error)
      // Signed out or unsure who is there: the numbers are as good as before.
      if (failure.passing || failure.status === 401 || failure.code.startsWith('access.')) {
        if (failure.waitMs !== null) this.waitUntil = this.ways.clock() + spread(failure.waitMs)
        await this.#put({ ...report, unanswered: report.unanswered + (failure.passing && failure.code !== 'service.busy' ? 1 : 0) })
        return false
      }
      const said = { code: failure.code, zh: failure.zh, en: failure.en, field: failure.field }
      await this.#put({ ...report, state: failure.code === UNUSUAL ? 'asks' : 'refused', said })
      return true
    }
  }

  async #forgetOldKept() {
    const kept = this.reports.filter((report) => report.state === 'kept')
    for (const old of kept.slice(0, Math.max(0, kept.length - SHOWN_KEPT))) await this.drop(old.id)
  }

  async #put(report: Report) {
    await this.ways.shelf.put(report)
    this.#set([...this.reports.filter((one) => one.id !== report.id), report])
  }

  #set(reports: Report[]) {
    this.reports = [...reports].sort((a, b) => a.made - b.made || (a.id < b.id ? -1 : 1))
    this.onchange(this.reports)
  }
}
