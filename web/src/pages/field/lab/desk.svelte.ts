// The desk of one sampler on this phone: where it stands, the tube being filled, what is kept, and what goes to the server.

import { failureOf, type Failure } from '../../../lib/api'
import { makeId } from '../../../lib/id'
import { handOverBox, milliseconds, packBox, posts as askPosts, registerTubes, type Post, type Posts, type TubeKind } from '../../../lib/lab'
import { holderMark, type OwnCode } from '../../../lib/person_code'
import { keepAnswer, keptAnswer } from '../../../lib/shelf'
import { Queue } from './queue'
import { keys, rows } from '../../../lib/lab_shelf'
import { markOf, sampledToday } from './same_person'
import { SealedShelf } from '../../../lib/sealed'
import { signal } from './sounds'
import { barcode, HOLD_MS, isFull, isUnsent, openTube, withoutPerson, withPerson, type Box, type Entry, type Person, type Tube } from './tube'

/** A phone whose clock differs from the server's by more says so; times are told by the server's clock as last heard. */
const WRONG_CLOCK_MS = 120_000

interface Chosen {
  post: string
  kind: TubeKind
  size: number
}

/** Somebody who was sampled today already. */
export interface Twice {
  person: Person
  mark: string
  tube: Tube
  at: number
}

export type Told = { kind: 'good' | 'bad'; key: string; values?: Record<string, string | number> }

function deviceId(): string {
  try {
    const kept = localStorage.getItem('quell.device')
    if (kept) return kept
    const made = makeId('device')
    localStorage.setItem('quell.device', made)
    return made
  } catch {
    return makeId('device')
  }
}

export class Desk {
  entries = $state.raw<Entry[]>([])
  posts = $state.raw<Post[]>([])
  /** When the list of posts was asked for; null: by nobody yet. */
  postsAt = $state<number | null>(null)
  chosen = $state.raw<Chosen | null>(null)
  /** The server's clock minus this phone's. */
  offset = $state(0)
  others = $state(0)
  unreadable = $state.raw<string[]>([])
  /** 'no': this browser keeps nothing. */
  keeps = $state<'unknown' | 'yes' | 'no'>('unknown')
  ready = $state(false)
  stopped = $state.raw<Failure | null>(null)
  waitUntil = $state(0)
  failure = $state.raw<Failure | null>(null)
  twice = $state.raw<Twice | null>(null)
  told = $state.raw<Told | null>(null)
  sending = $state(false)

  readonly device = deviceId()
  readonly open = $derived(this.entries.find((entry): entry is Tube => entry.what === 'tube' && entry.state === 'open') ?? null)
  readonly tubes = $derived(this.entries.filter((entry): entry is Tube => entry.what === 'tube' && entry.state !== 'open'))
  readonly boxes = $derived(this.entries.filter((entry): entry is Box => entry.what === 'box'))
  readonly unsent = $derived(this.entries.filter(isUnsent).length)
  readonly post = $derived(this.posts.find((post) => post.id === this.chosen?.post) ?? null)
  readonly wrongClock = $derived(Math.abs(this.offset) > WRONG_CLOCK_MS)

  #queue: Queue
  #turn: Promise<unknown> = Promise.resolve()

  constructor(readonly account: string) {
    const shelf = new SealedShelf<Entry>(rows, keys, account, isUnsent)
    const held = { putAll: (list: Entry[]) => this.#keep(() => shelf.putAll(list)), removeAll: (ids: string[]) => this.#keep(() => shelf.removeAll(ids)) }
    const ways = { send: registerTubes, pack: packBox, handOver: handOverBox, failureOf, makeId: () => makeId('change'), clock: () => this.now() }
    this.#queue = new Queue({ shelf: held, ...ways })
    this.#queue.onchange = (entries) => {
      this.entries = entries
      this.stopped = this.#queue.stopped
      this.waitUntil = this.#queue.waitUntil
    }
    this.#start = async () => {
      try {
        const found = await shelf.open()
        this.others = [...found.others.values()].reduce((sum, n) => sum + n, 0)
        this.unreadable = found.unreadable
        this.keeps = 'yes'
        // A paper list that is being typed lies there too, and is the business of its page.
        await this.#queue.take(found.records.filter((record) => record.what === 'tube' || record.what === 'box'))
      } catch {
        // Held by the page alone, and the page says so.
        this.keeps = 'no'
      }
    }
  }

  #start: () => Promise<void>

  now(): number {
    return Date.now() + this.offset
  }

  async start() {
    const [posts, chosen] = await Promise.all([
      keptAnswer<Posts & { offset: number }>(`lab.posts.${this.account}`),
      keptAnswer<Chosen>(`lab.chosen.${this.account}`),
      this.#start(),
    ])
    if (posts) {
      this.posts = posts.value.posts
      this.postsAt = posts.at
      this.offset = posts.value.offset
    }
    this.chosen = chosen?.value ?? null
    this.ready = true
  }

  async askPosts() {
    try {
      const answer = await askPosts()
      this.posts = answer.posts
      this.postsAt = Date.now()
      this.offset = (milliseconds(answer.now) ?? Date.now()) - Date.now()
      this.failure = null
      await keepAnswer(`lab.posts.${this.account}`, { ...answer, offset: this.offset })
    } catch (error) {
      this.failure = failureOf(error)
      throw error
    }
  }

  choose(post: Post) {
    this.#choose({ post: post.id, kind: 'people', size: post.pool_size })
  }

  setKind(kind: TubeKind) {
    if (this.chosen) this.#choose({ ...this.chosen, kind, size: kind === 'people' ? (this.post?.pool_size ?? this.chosen.size) : 1 })
  }

  setSize(size: number) {
    if (this.chosen) this.#choose({ ...this.chosen, size })
  }

  leavePost() {
    this.chosen = null
  }

  #choose(chosen: Chosen) {
    this.chosen = chosen
    void keepAnswer(`lab.chosen.${this.account}`, chosen)
  }

  /** An empty tube for the next people. */
  begin(text: string, again: string | null = null): Promise<boolean> {
    return this.#next(async () => {
      const code = barcode(text)
      const { chosen, post } = this
      if (!code) return this.#say('bad', 'lab.not_a_barcode', { text: text.slice(0, 40) })
      if (!chosen || !post || this.open) return false
      const known = this.tubes.find((tube) => tube.tube === code)
      if (known) return this.#say('bad', 'lab.tube_known', { tube: code })
      if (this.boxes.some((box) => box.box === code)) return this.#say('bad', 'lab.is_a_box', { text: code })
      const { account, device } = this
      await this.#queue.put(openTube({ id: makeId('change'), account, device, post, tube: code, kind: chosen.kind, size: chosen.size, at: this.now(), again }))
      return this.#say('good', 'lab.tube_open', { tube: code })
    })
  }

  async addCode({ name, document, number, phone, born, holder }: OwnCode): Promise<boolean> {
    const mark = holder ? await holderMark(holder) : null
    return this.add({ at: this.now(), way: 'code', name, document, number, phone, born: born || null, sheet: null, holder: mark })
  }

  /** `despite`: they are the same person, and are sampled again. */
  add(person: Person, despite = false): Promise<boolean> {
    return this.#next(async () => {
      const tube = this.open
      if (!tube || isFull(tube)) return this.#say('bad', 'lab.tube_first')
      const mark = await markOf(person)
      const found = despite ? null : sampledToday(this.entries, mark, person.at)
      if (found) {
        this.twice = { person, mark, ...found }
        signal('question')
        return false
      }
      const filled = withPerson(tube, person, mark)
      if (isFull(filled)) await this.#queue.close(filled, HOLD_MS)
      else await this.#queue.put(filled)
      const values = { name: person.name || person.number || person.sheet || '', tube: tube.tube, n: filled.count, of: tube.size }
      signal(isFull(filled) ? 'full' : 'taken')
      return this.#say('good', isFull(filled) ? 'lab.tube_full' : 'lab.taken', values, true)
    })
  }

  remove(at: number): Promise<boolean> {
    return this.#next(async () => {
      if (this.open) await this.#queue.put(withoutPerson(this.open, at))
      return true
    })
  }

  /** The last thing done at this desk, taken back: a person, an empty tube, a tube that closed itself. */
  undo(): Promise<boolean> {
    return this.#next(async () => {
      const tube = this.open
      if (tube && tube.count > 0) {
        const last = tube.people.at(-1)!
        await this.#queue.put(withoutPerson(tube, tube.count - 1))
        return this.#say('good', 'lab.undone', { name: last.name || last.number || last.sheet || '' })
      }
      if (tube) {
        await this.#queue.drop(tube.id)
        return this.#say('good', 'lab.tube_dropped', { tube: tube.tube })
      }
      const last = this.tubes.findLast((one) => one.state === 'waiting' && !one.sent && one.held_until > this.now())
      return last ? this.#reopen(last) : false
    })
  }

  reopen(tube: Tube): Promise<boolean> {
    return this.#next(() => this.#reopen(tube))
  }

  async #reopen(tube: Tube): Promise<boolean> {
    const again = await this.#queue.reopen(tube.id)
    if (!again) return this.#say('bad', this.open ? 'lab.close_first' : 'lab.may_have_arrived', { tube: (this.open ?? tube).tube })
    return this.#say('good', 'lab.tube_reopened', { tube: tube.tube })
  }

  /** The barcode of the open tube was misread. */
  rename(text: string): Promise<boolean> {
    return this.#next(async () => {
      const code = barcode(text)
      if (!code || !this.open) return this.#say('bad', 'lab.not_a_barcode', { text: text.slice(0, 40) })
      if (this.tubes.some((tube) => tube.tube === code)) return this.#say('bad', 'lab.tube_known', { tube: code })
      await this.#queue.put({ ...this.open, tube: code })
      return true
    })
  }

  close(): Promise<boolean> {
    return this.#next(async () => {
      const tube = this.open
      if (!tube || (tube.count === 0 && tube.kind === 'people')) return this.#say('bad', 'lab.nobody_in')
      await this.#queue.close(tube, HOLD_MS)
      signal('full')
      return this.#say('good', 'lab.tube_closed', { tube: tube.tube, n: tube.count })
    })
  }

  pack(text: string, tubes: Tube[]): Promise<boolean> {
    return this.#next(async () => {
      const code = barcode(text)
      if (!code) return this.#say('bad', 'lab.not_a_barcode', { text: text.slice(0, 40) })
      if (this.boxes.some((box) => box.box === code)) return this.#say('bad', 'lab.box_known', { text: code })
      const post = tubes[0]?.post
      if (!post) return false
      const people = tubes.reduce((sum, tube) => sum + tube.count, 0)
      const box: Box = {
        ...{ what: 'box', id: makeId('change'), account: this.account, post, box: code, tubes: tubes.map((tube) => tube.tube), people },
        ...{ packed: this.now(), state: 'waiting', said: null, elsewhere: [], handed: null },
      }
      await this.#queue.put(box)
      return this.#say('good', 'lab.box_closed', { text: code, n: box.tubes.length })
    })
  }

  /** Its tubes are loose again. */
  unpack(box: Box): Promise<boolean> {
    return this.#next(async () => {
      await this.#queue.drop(box.id)
      return true
    })
  }

  handOver(box: Box, count: number, courier: string): Promise<boolean> {
    return this.#next(async () => {
      await this.#queue.put({ ...box, handed: { id: makeId('change'), at: this.now(), count, courier, state: 'waiting', said: null } })
      return true
    })
  }

  drop(entry: Entry): Promise<boolean> {
    return this.#next(async () => {
      await this.#queue.drop(entry.id)
      return true
    })
  }

  settle(tube: Tube): Promise<boolean> {
    return this.#next(async () => {
      await this.#queue.settle(tube)
      return true
    })
  }

  /** What cannot be read any more, away. */
  async forgetUnreadable() {
    await rows.removeAll(this.unreadable)
    this.unreadable = []
  }

  async send(hurry = false) {
    this.sending = true
    try {
      await this.#queue.flush(hurry)
    } finally {
      this.sending = false
    }
  }

  say(told: Told | null) {
    this.told = told
    if (told?.kind === 'bad') signal('question')
  }

  #say(kind: Told['kind'], key: string, values: Told['values'] = {}, quiet = false): boolean {
    this.told = { kind, key, values }
    if (kind === 'bad' && !quiet) signal('question')
    return kind === 'good'
  }

  /** One thing after another: a scanner is quicker than a disk. */
  #next(act: () => Promise<boolean>): Promise<boolean> {
    const done = this.#turn.then(act).catch((error) => this.#say('bad', 'lab.not_kept', { why: String(error) }))
    this.#turn = done
    return done
  }

  async #keep(write: () => Promise<void>) {
    if (this.keeps === 'no') return
    await write()
  }
}
