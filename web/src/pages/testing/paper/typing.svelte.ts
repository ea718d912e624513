// Whoever types a paper list: what is kept on this machine, sealed like a phone's tubes and in the same place, and what goes to
// the server through the phones' door.

import { failureOf, type Failure } from '../../../lib/api'
import { makeId } from '../../../lib/id'
import { registerTubes, type ListRead, type ListRow } from '../../../lib/lab'
import { keys, rows } from '../../../lib/lab_shelf'
import { SealedShelf } from '../../../lib/sealed'
import { plainNumber } from '../../../lib/identity'
import { markOf } from '../../field/lab/same_person'
import { barcode } from '../../field/lab/tube'
import {
  byTube, emptySheet, faultOf, isFull, isSheetUnsent, keptPaper, lineOf, momentOf, sameDayIn, sheetId, withListed, withPeople,
  type Listed, type PaperTube, type Sheet,
} from './sheet'

/** The server takes this many lines in one request. */
const MOST_LINES = 100

export type Said = { kind: 'good' | 'bad'; key: string; values?: Record<string, string | number> }

/** Somebody is on the sheet twice on one day. */
export interface TwiceListed {
  person: Listed
  tube: string
}

const numbered = async (person: Omit<Listed, 'mark'>): Promise<Listed> => ({
  ...person,
  mark: await markOf({ ...person, way: 'paper', holder: null }),
})

export class Typing {
  sheet = $state.raw<Sheet>(emptySheet(''))
  ready = $state(false)
  /** 'no': this browser keeps nothing. */
  keeps = $state<'yes' | 'no'>('yes')
  said = $state.raw<Said | null>(null)
  twice = $state.raw<TwiceListed | null>(null)
  failure = $state.raw<Failure | null>(null)
  sending = $state(false)

  readonly waiting = $derived(this.sheet.tubes.filter((tube) => tube.state === 'typed' || tube.state === 'sent'))
  readonly refused = $derived(this.sheet.tubes.filter((tube) => tube.state === 'refused'))
  readonly kept = $derived(this.sheet.tubes.filter((tube) => tube.state === 'kept'))
  readonly asked = $derived(this.kept.filter((tube) => tube.conflicts.length > 0 || tube.sameDay.length > 0))

  #shelf: SealedShelf<Sheet>
  #device = makeId('device')
  #turn: Promise<unknown> = Promise.resolve()

  constructor(readonly account: string) {
    this.#shelf = new SealedShelf<Sheet>(rows, keys, account, isSheetUnsent)
    this.sheet = emptySheet(account)
  }

  async start() {
    try {
      const found = await this.#shelf.open()
      this.sheet = found.records.find((one) => one.id === sheetId(this.account)) ?? this.sheet
    } catch {
      // Held by the page alone, and the page says so.
      this.keeps = 'no'
    }
    this.ready = true
  }

  /** What the head of the sheet says; a tube that was begun keeps its own. */
  head(more: Partial<Pick<Sheet, 'post' | 'sampler' | 'sheet' | 'size' | 'sampled'>>): Promise<boolean> {
    return this.#next(() => this.#keep({ ...this.sheet, ...more }))
  }

  /** The next tube; the one before it is done. */
  begin(text: string): Promise<boolean> {
    return this.#next(async () => {
      const code = barcode(text)
      const { post, sampler, sampled, size, open, tubes } = this.sheet
      if (!code) return this.#say('bad', 'lab.not_a_barcode', { text: text.slice(0, 40) })
      if (!post) return this.#say('bad', 'paper.post_first')
      if (!sampler.trim()) return this.#say('bad', 'paper.sampler_first')
      const fault = timeFault(sampled)
      if (fault) return this.#say('bad', fault)
      if (tubes.some((tube) => tube.tube === code) || open?.tube === code) return this.#say('bad', 'paper.tube_typed', { tube: code })
      const begun: PaperTube = {
        ...{ id: makeId('change'), tube: code, post, size, sampled, sampler: sampler.trim(), people: [], count: 0, marks: [] },
        ...{ state: 'typed', said: null, conflicts: [], sameDay: [] },
      }
      const done = open && open.people.length > 0 ? [...tubes, open] : tubes
      await this.#keep({ ...this.sheet, open: begun, tubes: done })
      return this.#say('good', 'paper.tube_begun', { tube: code })
    })
  }

  /** `despite`: they were sampled twice that day, or the sheet says so. */
  add(person: Omit<Listed, 'mark'>, despite = false): Promise<boolean> {
    return this.#next(async () => {
      const open = this.sheet.open
      if (!open) return this.#say('bad', 'paper.tube_first')
      if (isFull(open)) return this.#say('bad', 'paper.tube_full', { tube: open.tube, n: open.size })
      if (faultOf(person).stops) return this.#say('bad', 'paper.nobody')
      const listed = await numbered({ ...person, number: plainNumber(person.number) })
      const there = despite ? null : sameDayIn(this.sheet, listed.mark, open.sampled)
      if (there) {
        this.twice = { person: listed, tube: there.tube }
        return false
      }
      const filled = withListed(open, listed)
      await this.#keep({ ...this.sheet, open: filled })
      const values = { name: listed.name || listed.number, n: filled.count, of: filled.size, tube: filled.tube }
      return this.#say('good', isFull(filled) ? 'paper.full_now' : 'paper.taken', values)
    })
  }

  takeOut(place: number): Promise<boolean> {
    return this.#next(async () => {
      const open = this.sheet.open
      if (!open) return false
      return this.#keep({ ...this.sheet, open: withPeople(open, open.people.filter((_, at) => at !== place)) })
    })
  }

  /** The tube is done; an empty one was a slip. */
  finish(): Promise<boolean> {
    return this.#next(async () => {
      const { open, tubes } = this.sheet
      if (!open) return false
      return this.#keep({ ...this.sheet, open: null, tubes: open.people.length > 0 ? [...tubes, open] : tubes })
    })
  }

  /** Back into the fields; not one that may have arrived, since what is taken out there would stay in. */
  correct(tube: PaperTube): Promise<boolean> {
    return this.#next(async () => {
      if (tube.state === 'sent' || tube.state === 'kept') return this.#say('bad', 'paper.may_have_arrived', { tube: tube.tube })
      const { open, tubes } = this.sheet
      const others = tubes.filter((one) => one.id !== tube.id)
      const done = open && open.people.length > 0 ? [...others, open] : others
      // What was refused is another registration when it goes again.
      const again: PaperTube = { ...tube, id: makeId('change'), state: 'typed', said: null }
      return this.#keep({ ...this.sheet, open: again, tubes: done, size: tube.size, sampled: tube.sampled, sampler: tube.sampler })
    })
  }

  /** What the open tube's own head says. */
  amend(more: Partial<Pick<PaperTube, 'size' | 'sampled' | 'sampler'>>): Promise<boolean> {
    return this.#next(async () => {
      const open = this.sheet.open
      if (!open) return this.#keep({ ...this.sheet, ...more })
      if (more.size !== undefined && open.people.length > more.size) return this.#say('bad', 'paper.too_many', { n: open.people.length, of: more.size })
      return this.#keep({ ...this.sheet, ...more, open: { ...open, ...more } })
    })
  }

  throwAway(tube: PaperTube): Promise<boolean> {
    return this.#next(() => this.#keep({ ...this.sheet, tubes: this.sheet.tubes.filter((one) => one.id !== tube.id) }))
  }

  /** The question about a tube was read: its names go. */
  settle(tube: PaperTube): Promise<boolean> {
    return this.#next(() => this.#replace([{ ...tube, people: [], conflicts: [], sameDay: [] }]))
  }

  /** What the server has; it stays noticed as sampled that day until it is put away. */
  putAway(): Promise<boolean> {
    return this.#next(() => this.#keep({ ...this.sheet, tubes: this.sheet.tubes.filter((tube) => tube.state !== 'kept' || this.asked.includes(tube)) }))
  }

  /** Rows of a file become tubes of the sheet. Those of a tube that is typed already are left out and told. */
  async takeRows(read: ListRead): Promise<{ tubes: number; people: number; left: ListRow[] }> {
    const left: ListRow[] = []
    const made: PaperTube[] = []
    await this.#next(async () => {
      const { post, sampler, size, tubes, open } = this.sheet
      const known = new Set([...tubes.map((tube) => tube.tube), ...(open ? [open.tube] : [])])
      for (const [code, listed] of byTube(read.rows)) {
        const first = listed[0]!
        const holds = first.size ?? size
        const who = first.sampler || sampler.trim()
        if (known.has(code) || !post || !who || listed.length > holds) {
          left.push(...listed)
          continue
        }
        const people = await Promise.all(listed.map(({ name, document, number, phone, sheet }) => numbered({ name, document, number: plainNumber(number), phone, sheet })))
        made.push(
          withPeople(
            {
              ...{ id: makeId('change'), tube: code, post, size: holds, sampled: first.sampled, sampler: who, people: [], count: 0, marks: [] },
              ...{ state: 'typed', said: null, conflicts: [], sameDay: [] },
            },
            people,
          ),
        )
      }
      return this.#keep({ ...this.sheet, tubes: [...this.sheet.tubes, ...made] })
    })
    return { tubes: made.length, people: made.reduce((sum, tube) => sum + tube.count, 0), left }
  }

  /** Everything that is done. A tube that got no answer goes again with the same id, and is registered once. */
  async send() {
    await this.finish()
    this.sending = true
    this.failure = null
    try {
      for (let batch = this.waiting.slice(0, MOST_LINES); batch.length > 0; batch = this.waiting.slice(0, MOST_LINES)) {
        await this.#next(() => this.#replace(batch.map((tube) => ({ ...tube, state: 'sent' }))))
        const answers = await registerTubes(batch.map((tube) => lineOf(tube, this.#device)))
        if (![...answers.keys()].some((id) => batch.some((tube) => tube.id === id))) break
        await this.#next(() =>
          this.#replace(
            batch.map((tube): PaperTube => {
              const answer = answers.get(tube.id)
              if (!answer) return { ...tube, state: 'sent' }
              if ('out' in answer) return keptPaper(tube, answer.out.people, answer.out.conflicts, answer.out.same_day ?? [])
              const { code, say_zh, say_en } = answer.error
              return { ...tube, state: 'refused', said: { code, zh: say_zh, en: say_en } }
            }),
          ),
        )
      }
    } catch (error) {
      this.failure = failureOf(error)
    } finally {
      this.sending = false
    }
  }

  say(said: Said | null) {
    this.said = said
  }

  #replace(changed: PaperTube[]): Promise<boolean> {
    const by = new Map(changed.map((tube) => [tube.id, tube]))
    return this.#keep({ ...this.sheet, tubes: this.sheet.tubes.map((tube) => by.get(tube.id) ?? tube) })
  }

  /** On the disk first, on the screen then. */
  async #keep(sheet: Sheet): Promise<boolean> {
    if (this.keeps === 'yes') await this.#shelf.putAll([$state.snapshot(sheet) as Sheet])
    this.sheet = sheet
    return true
  }

  #say(kind: Said['kind'], key: string, values: Said['values'] = {}): boolean {
    this.said = { kind, key, values }
    return kind === 'good'
  }

  /** One thing after another: a scanner is quicker than a disk. */
  #next(act: () => Promise<boolean>): Promise<boolean> {
    const done = this.#turn.then(act).catch((error) => this.#say('bad', 'lab.not_kept', { why: String(error) }))
    this.#turn = done
    return done
  }
}

/** Why a time cannot be that of a sheet, as a key of the words. */
export function timeFault(sampled: string): string | null {
  const at = momentOf(sampled)
  if (at === null) return 'paper.time_first'
  return at > Date.now() + 60_000 ? 'paper.time_ahead' : null
}
