import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Failure, noAnswer } from '../../../lib/api'
import type { TubeAnswer, TubeLine } from '../../../lib/lab'
import { Queue, type Ways } from './queue'
import { againOf, barcode, HOLD_MS, isFull, lineOf, openTube, withoutPerson, withPerson, type Box, type Entry, type Person, type Tube } from './tube'

const NOON = Date.UTC(2022, 1, 21, 4)

const person = (n: number, at: number): Person => ({
  ...{ at, way: 'number', name: `王${n}`, document: 'id_card', number: String(140726199001010000 + n), phone: '', born: null },
  ...{ sheet: null, holder: null },
})

const kept = (line: TubeLine): TubeAnswer => ({ id: line.id, out: { tube: line.tube, people: line.members.length, conflicts: [] } })

/** A phone and a server that answers as told. */
function phone(over: Partial<Ways> = {}) {
  const disk = new Map<string, Entry>()
  const sent: TubeLine[][] = []
  const doors: string[] = []
  const clock = { now: NOON }
  let ids = 0
  const ways: Ways = {
    shelf: {
      putAll: async (entries) => entries.forEach((entry) => disk.set(entry.id, structuredClone(entry))),
      removeAll: async (gone) => gone.forEach((id) => disk.delete(id)),
    },
    send: async (lines) => {
      sent.push(structuredClone(lines))
      return new Map(lines.map((line) => [line.id, kept(line)]))
    },
    pack: async ({ box, tubes }) => {
      doors.push(`pack ${box} ${tubes.join(' ')}`)
      return { out: { tubes: tubes.length, unknown: [], elsewhere: [] } }
    },
    handOver: async (body) => void doors.push(`hand ${body.box} ${body.count}`),
    failureOf: (error) => error as Failure,
    makeId: () => `change_${String(++ids).padStart(5, '0')}`,
    clock: () => clock.now,
    chance: () => 0,
    ...over,
  }
  const queue = new Queue(ways)
  const open = async (tube: string, size = 10): Promise<Tube> => {
    const opened = openTube({ id: ways.makeId(), account: 'a', device: 'd', post: { id: 'post_1' }, tube, kind: 'people', size, at: clock.now })
    await queue.put(opened)
    return opened
  }
  const fill = async (tube: string, people = 1, hold = 0): Promise<Tube> => {
    let filled = await open(tube)
    for (let n = 0; n < people; n++) filled = withPerson(filled, person(n, clock.now), `mark ${tube} ${n}`)
    return queue.close(filled, hold)
  }
  const state = (id: string) => queue.tubes.find((tube) => tube.id === id)?.state
  return { queue, disk, sent, doors, clock, ways, open, fill, state }
}

const box = (name: string, tubes: string[]): Box => ({
  ...{ what: 'box', id: `box_${name}`, account: 'a', post: 'post_1', box: name, tubes, people: 1, packed: NOON, state: 'waiting', said: null, elsewhere: [], handed: null },
})

test('a tube takes as many as it holds, and gives back the last', async () => {
  let tube = openTube({ id: 'c', account: 'a', device: 'd', post: { id: 'p' }, tube: 'T1', kind: 'people', size: 2, at: NOON })
  for (let n = 0; n < 3; n++) tube = withPerson(tube, person(n, NOON), `m${n}`)
  expect([tube.count, isFull(tube), tube.people.map((one) => one.name)]).toEqual([2, true, ['王0', '王1']])
  const less = withoutPerson(tube, 0)
  expect([less.count, less.people[0]!.name, less.marks]).toEqual([1, '王1', [{ mark: 'm1', at: NOON }]])
})

test('a barcode is what stands under the bars, however it was typed', () => {
  expect(['tg-0001', ' TG-0001 ', 'ＴＧ－０００１', 'T01', 'T0001.', 'x'.repeat(33), '箱0001'].map(barcode)).toEqual(['TG-0001', 'TG-0001', 'TG-0001', null, null, null, null])
  expect(['TG-0001/3', 'tg-0001 3', 'TG-0001#12', 'TG-0001', 'TG-0001/0', 'TG-0001/21'].map(againOf)).toEqual(['TG-0001/3', 'TG-0001/3', 'TG-0001/12', null, null, null])
})

test('who is sampled again says so, and a tube was begun with its first swab whatever the clock did', () => {
  const tube = openTube({ id: 'c', account: 'a', device: 'd', post: { id: 'p' }, tube: 'T001', kind: 'people', size: 5, at: NOON, again: 'TG-0001/3' })
  const filled = withPerson(withPerson(tube, person(0, NOON), 'a'), person(1, NOON - 60_000), 'b')
  expect(lineOf({ ...filled, state: 'waiting', closed: NOON })).toMatchObject({ again: 'TG-0001/3', sampled: NOON - 60_000, closed: NOON })
  expect(lineOf({ ...filled, again: null })).not.toHaveProperty('again')
})

test('everything is fixed when the tube closes: sent again after a lost answer it is the same to the letter', async () => {
  const lost: TubeLine[][] = []
  let answers = false
  const { queue, fill, clock, state } = phone({
    send: async (lines) => {
      lost.push(structuredClone(lines))
      if (!answers) throw noAnswer()
      return new Map(lines.map((line) => [line.id, kept(line)]))
    },
  })
  const tube = await fill('T1', 3)
  expect(await queue.flush()).toBe('cut')
  expect(queue.tubes[0]).toMatchObject({ state: 'waiting', sent: true })
  clock.now += 86_400_000
  answers = true
  expect(await queue.flush()).toBe('done')
  expect(lost[1]).toEqual(lost[0])
  expect(lost[0]![0]).toMatchObject({ id: tube.id, tube: 'T1', sampled: NOON, closed: NOON, device: 'd', post: 'post_1', size: 10, kind: 'people' })
  expect(lost[0]![0]!.members.map((member) => member.position)).toEqual([1, 2, 3])
  expect(state(tube.id)).toBe('kept')
})

test('names leave the phone when the server has them; what is needed to notice the same person stays', async () => {
  const { queue, disk, fill } = phone()
  const tube = await fill('T1', 3)
  await queue.flush()
  expect(disk.get(tube.id)).toMatchObject({ people: [], count: 3 })
  expect((disk.get(tube.id) as Tube).marks).toHaveLength(3)
})

test('two thousand tubes go in the order they were closed, at most 200 a request, two requests at a time', async () => {
  let [going, most] = [0, 0]
  const world = phone({
    send: async (lines) => {
      most = Math.max(most, ++going)
      world.sent.push(structuredClone(lines))
      await new Promise((done) => setTimeout(done, 1))
      going--
      return new Map(lines.map((line) => [line.id, kept(line)]))
    },
  })
  const { queue, sent, clock } = world
  const tubes: Tube[] = []
  for (let n = 0; n < 2000; n++) {
    const opened = openTube({ id: `change_${String(n).padStart(5, '0')}`, account: 'a', device: 'd', post: { id: 'p' }, tube: `T${n}`, kind: 'people', size: 10, at: NOON + n })
    tubes.push({ ...withPerson(opened, person(n, NOON + n), `m${n}`), state: 'waiting', closed: NOON + n })
  }
  await queue.take(tubes)
  clock.now = NOON + 10_000
  expect(await queue.flush()).toBe('done')
  expect(sent.flat().map((line) => line.tube)).toEqual(tubes.map((tube) => tube.tube))
  expect(Math.max(...sent.map((lines) => lines.length))).toBe(200)
  expect(most).toBe(2)
  expect(queue.unsent).toEqual([])
})

test('two thousand tubes of ten, packed, pass through 256 kbit/s in less than a minute', () => {
  const name = (n: number) => `${'赵钱孙李周吴郑王冯陈'[n % 10]}${'伟芳娜敏静强磊洋艳勇'[Math.floor(n / 10) % 10]}${n % 7 === 0 ? '明' : ''}`
  const random = (seed: number) => (Math.imul(seed ^ (seed >>> 15), 2246822519) >>> 0) / 2 ** 32
  let bytes = 0
  for (let batch = 0; batch < 10; batch++) {
    const lines: string[] = []
    for (let tube = 0; tube < 200; tube++) {
      const members = Array.from({ length: 10 }, (_, at) => {
        const n = batch * 2000 + tube * 10 + at
        const born = `19${50 + (n % 50)}-0${1 + (n % 9)}-1${n % 10}`
        const number = `140726${born.replaceAll('-', '')}${String(Math.floor(random(n) * 10000)).padStart(4, '0')}`
        return { position: at + 1, ...person(n, NOON + n * 13_337), name: name(n), number, born, phone: `13${Math.floor(random(n + 7) * 1e9)}` }
      })
      lines.push(JSON.stringify({ id: `change_${random(tube)}`, tube: `T${batch * 200 + tube}`, post: 'post_1', kind: 'people', size: 10, sampled: NOON, closed: NOON, device: 'device_1', members }))
    }
    bytes += gzipSync(`${lines.join('\n')}\n`).length
  }
  expect((bytes * 8) / 256_000).toBeLessThan(60)
})

test('a line without an answer waits, the others are done', async () => {
  const { queue, fill, clock, state } = phone({ send: async (lines) => new Map([[lines[0]!.id, kept(lines[0]!)]]) })
  const first = await fill('T1')
  clock.now += 1
  const second = await fill('T2')
  expect(await queue.flush()).toBe('done')
  expect([state(first.id), state(second.id)]).toEqual(['kept', 'waiting'])
})

test('a busy server is left alone for as long as it says, whoever hurries', async () => {
  let busy = true
  let asked = 0
  const { queue, fill, clock, state } = phone({
    send: async (lines) => {
      asked++
      if (busy) throw new Failure(503, 'door.busy', '忙', 'Busy.', null, 30_000)
      return new Map(lines.map((line) => [line.id, kept(line)]))
    },
  })
  const tube = await fill('T1')
  expect(await queue.flush()).toBe('cut')
  expect(queue.tubes[0]).toMatchObject({ state: 'waiting', sent: false })
  clock.now += 29_000
  expect(await queue.flush(true)).toBe('waits')
  expect(asked).toBe(1)
  busy = false
  clock.now += 1_001
  expect(await queue.flush()).toBe('done')
  expect(state(tube.id)).toBe('kept')
})

test('without a connection it is tried ever more rarely, and at once when somebody hurries', async () => {
  let asked = 0
  const { queue, fill, clock } = phone({
    send: async () => {
      asked++
      throw noAnswer()
    },
  })
  await fill('T1')
  await queue.flush()
  expect(await queue.flush()).toBe('waits')
  const pauses: number[] = []
  for (let n = 0; n < 9; n++) {
    pauses.push(queue.waitUntil - clock.now)
    clock.now = queue.waitUntil
    await queue.flush()
  }
  expect(pauses.slice(0, 3)).toEqual([4000, 8000, 16_000])
  expect(pauses.at(-1)).toBe(300_000)
  const before = asked
  expect(await queue.flush(true)).toBe('cut')
  expect(asked).toBe(before + 1)
})

test('a slow line is given less at a time', async () => {
  const world = phone({
    send: async (lines) => {
      world.sent.push(lines)
      world.clock.now += 9_000
      return new Map(lines.map((line) => [line.id, kept(line)]))
    },
  })
  const tubes: Tube[] = Array.from({ length: 400 }, (_, n) => ({
    ...openTube({ id: `c${n}`, account: 'a', device: 'd', post: { id: 'p' }, tube: `T${n}`, kind: 'people', size: 1, at: NOON }),
    ...{ state: 'waiting' as const, closed: NOON + n },
  }))
  await world.queue.take(tubes)
  world.clock.now += 1000
  await world.queue.flush()
  expect(world.sent[0]).toHaveLength(100)
  expect(world.sent[2]!.length).toBeLessThanOrEqual(50)
  expect(world.queue.unsent).toEqual([])
})

test('a refusal is kept with its words, corrected under a new id, and the old one is gone', async () => {
  const refused = (line: TubeLine): TubeAnswer => ({ id: line.id, error: { code: 'lab.tube_used', say_zh: '已用过。', say_en: 'Used before.' } })
  const { queue, disk, fill } = phone({ send: async (lines) => new Map(lines.map((line) => [line.id, line.tube === 'T1' ? refused(line) : kept(line)])) })
  const tube = await fill('T1', 2)
  await queue.flush()
  expect(queue.tubes[0]).toMatchObject({ state: 'refused', said: { code: 'lab.tube_used', en: 'Used before.' }, count: 2 })
  const again = (await queue.reopen(tube.id))!
  expect(again.id).not.toBe(tube.id)
  expect([...disk.keys()]).toEqual([again.id])
  await queue.close({ ...again, tube: 'T2' })
  await queue.flush()
  expect(queue.tubes[0]).toMatchObject({ state: 'kept', tube: 'T2', count: 2 })
})

test('what two phones said of one tube is shown until somebody has compared', async () => {
  const { queue, fill } = phone({
    send: async (lines) => new Map(lines.map((line) => [line.id, { id: line.id, out: { tube: line.tube, people: 4, conflicts: [{ position: 2, why: 'other_person' }] } }])),
  })
  await fill('T1', 3)
  await queue.flush()
  const [tube] = queue.tubes
  expect(tube).toMatchObject({ state: 'kept', count: 4, conflicts: [{ position: 2, why: 'other_person' }] })
  expect(tube!.people[1]!.name).toBe('王1')
  await queue.settle(tube!)
  expect(queue.tubes[0]).toMatchObject({ conflicts: [], people: [] })
})

test('a tube that closed itself can be opened again until it leaves, not after', async () => {
  const { queue, sent, clock, fill, disk } = phone()
  const tube = await fill('T1', 2, HOLD_MS)
  await queue.flush()
  expect(sent).toEqual([])
  const again = (await queue.reopen(tube.id))!
  expect(again).toMatchObject({ state: 'open', count: 2, replaces: tube.id })
  const closed = await queue.close(withoutPerson(again, 1), HOLD_MS)
  clock.now += HOLD_MS
  await queue.flush()
  expect(sent.flat().map((line) => [line.id, line.members.length])).toEqual([[closed.id, 1]])
  expect(await queue.reopen(closed.id)).toBe(null)
  expect([...disk.keys()]).toEqual([closed.id])
})

test('a tube on its way cannot be opened again', async () => {
  const world = phone({
    send: async (lines) => {
      expect(await world.queue.reopen(lines[0]!.id)).toBe(null)
      return new Map(lines.map((line) => [line.id, kept(line)]))
    },
  })
  await world.fill('T1')
  await world.queue.flush()
  expect(world.queue.tubes.map((tube) => tube.state)).toEqual(['kept'])
})

test('a phone that went dark between two writes has one tube, not two', async () => {
  const { queue, disk, fill } = phone()
  const tube = await fill('T1', 2, HOLD_MS)
  const again = (await queue.reopen(tube.id))!
  const other = phone()
  await other.queue.take([tube, again])
  expect(other.queue.tubes.map((one) => one.id)).toEqual([again.id])
  expect(disk.has(tube.id)).toBe(false)
})

test('a box goes after all of its tubes, and its hand-over after the box', async () => {
  const world = phone({
    send: async (lines) => {
      world.doors.push(...lines.map((line) => `tube ${line.tube}`))
      return new Map(lines.map((line) => [line.id, kept(line)]))
    },
  })
  await world.fill('T1')
  await world.fill('T2', 1, HOLD_MS)
  expect(world.queue.loose.map((tube) => tube.tube)).toEqual(['T1', 'T2'])
  await world.queue.put({ ...box('B1', ['T1', 'T2']), handed: { id: 'h', at: NOON, count: 2, courier: '李', state: 'waiting', said: null } })
  expect(world.queue.loose).toEqual([])
  await world.queue.flush()
  expect(world.doors).toEqual(['tube T1'])
  world.clock.now += HOLD_MS
  await world.queue.flush()
  expect(world.doors).toEqual(['tube T1', 'tube T2', 'pack B1 T1 T2', 'hand B1 2'])
  expect(world.queue.unsent).toEqual([])
})

test('a refused box keeps its words and holds nobody else up; a signed-out phone refuses nothing', async () => {
  let failure = new Failure(409, 'lab.box_used', '箱码用过。', 'Used.')
  const { queue, doors } = phone({
    pack: async ({ box }) => {
      if (box === 'B1') throw failure
      doors.push(box)
      return { out: { tubes: 0, unknown: [], elsewhere: ['T9'] } }
    },
  })
  await queue.put(box('B1', []), box('B2', []))
  failure = new Failure(401, 'access.signed_out', '请登录。', 'Sign in.')
  expect(await queue.flush()).toBe('cut')
  expect(queue.boxes.map((one) => one.state)).toEqual(['waiting', 'waiting'])
  failure = new Failure(409, 'lab.box_used', '箱码用过。', 'Used.')
  expect(await queue.flush()).toBe('done')
  expect(queue.boxes.map((one) => [one.state, one.said?.code])).toEqual([['refused', 'lab.box_used'], ['kept', undefined]])
  expect(doors).toEqual(['B2'])
  expect(queue.boxes[1]!.elsewhere).toEqual(['T9'])
})

test('one request the server cannot read does not condemn two hundred tubes', async () => {
  const { queue, fill, clock } = phone({
    send: async (lines) => {
      if (lines.some((line) => line.tube === 'BAD1')) throw new Failure(400, 'door.unreadable', '读不懂。', 'Not readable.')
      return new Map(lines.map((line) => [line.id, kept(line)]))
    },
  })
  for (let n = 0; n < 20; n++) await fill(n === 13 ? 'BAD1' : `T${String(n).padStart(3, '0')}`)
  for (let n = 0; n < 12; n++) {
    await queue.flush(true)
    clock.now += 1
  }
  expect(queue.tubes.filter((tube) => tube.state === 'refused').map((tube) => tube.tube)).toEqual(['BAD1'])
  expect(queue.tubes.filter((tube) => tube.state === 'kept')).toHaveLength(19)
})

test('what was handed over is forgotten after some days; what is not sent never is', async () => {
  let answers = true
  const { queue, fill, clock } = phone({
    send: async (lines) => {
      if (!answers) throw noAnswer()
      return new Map(lines.map((line) => [line.id, kept(line)]))
    },
  })
  await fill('T1')
  await queue.put({ ...box('B1', ['T1']), handed: { id: 'h', at: NOON, count: 1, courier: '李', state: 'waiting', said: null } })
  await queue.flush()
  answers = false
  await fill('T2')
  clock.now += 4 * 86_400_000
  await queue.take(queue.entries)
  expect(queue.entries.map((entry) => (entry.what === 'tube' ? entry.tube : entry.box))).toEqual(['T2'])
})
