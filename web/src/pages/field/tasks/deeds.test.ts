import { expect, test } from 'vitest'
import { Failure } from '../../../lib/api'
import { answersIn, wayOrder, type DeedAnswer, type DeedLine, type TaskRow } from '../../../lib/tasks'
import { Outgoing } from '../../../lib/outgoing'
import { asDone, lineOf, type Deed } from './deeds'

const deed = (id: string, did: Deed['did'] = 'finish', task = 'task_1', at = 1): Deed => ({
  what: 'deed', id, account: 'me', task, did, at, kind: 'deliver', where: '', state: 'waiting', said: null, out: null,
})

function phone(send: (lines: DeedLine[]) => Map<string, DeedAnswer>) {
  const disk = new Map<string, Deed>()
  const deeds = new Outgoing<Deed>({
    keep: async (all) => all.forEach((one) => disk.set(one.id, one)),
    forget: async (ids) => ids.forEach((id) => disk.delete(id)),
    send: async (pieces) => send(pieces.map(lineOf)),
    failureOf: (error) => error as Failure,
  })
  return { deeds, disk }
}

const yes = (lines: DeedLine[]) => new Map(lines.map((line) => [line.id, { id: line.id, out: { state: 'done', counted: true } } as DeedAnswer]))

test('what was done lies on the disk before it is sent, and goes when the connection is back', async () => {
  let connected = false
  const sent: string[][] = []
  const { deeds, disk } = phone((lines) => {
    if (!connected) throw new Failure(0, 'network.no_answer', '', '')
    sent.push(lines.map((line) => line.id))
    return yes(lines)
  })
  await deeds.add(deed('a'))
  await deeds.add(deed('b'))
  expect(await deeds.flush()).toBe(false)
  expect([...disk.values()].map((one) => one.state)).toEqual(['waiting', 'waiting'])
  connected = true
  expect(await deeds.flush()).toBe(true)
  expect(sent).toEqual([['a', 'b']])
  expect([...disk.values()].every((one) => one.state === 'kept')).toBe(true)
})

test('what was not answered is asked about again under the same id', async () => {
  const sent: string[] = []
  const { deeds } = phone((lines) => {
    sent.push(...lines.map((line) => line.id))
    return sent.length < 3 ? yes(lines.slice(0, 1)) : yes(lines)
  })
  await deeds.add(deed('a'))
  await deeds.add(deed('b'))
  expect(await deeds.flush()).toBe(true)
  expect(sent).toEqual(['a', 'b', 'b'])
})

test('one that is refused keeps no other, and says why', async () => {
  const { deeds } = phone((lines) => {
    const told = yes(lines)
    told.set('a', { id: 'a', error: { code: 'tasks.unanswered', say_zh: '未填写', say_en: 'not answered' } })
    return told
  })
  await deeds.add(deed('a'))
  await deeds.add(deed('b'))
  expect(await deeds.flush()).toBe(true)
  expect(deeds.all.map((one) => [one.state, one.said?.code ?? null])).toEqual([['refused', 'tasks.unanswered'], ['kept', null]])
})

test('a task shows what waits, and never goes back', () => {
  const task = { id: 'task_1', state: 'open' } as TaskRow
  expect(asDone(task, [deed('a', 'acknowledge'), deed('b', 'start')]).state).toBe('started')
  expect(asDone(task, [deed('a', 'finish'), deed('b', 'acknowledge')]).state).toBe('done')
  expect(asDone(task, [{ ...deed('a'), state: 'refused' }]).state).toBe('open')
  expect(asDone(task, [deed('a', 'finish', 'task_2')])).toBe(task)
})

test('the way goes by number, and half a line is no answer', () => {
  const spot = (street: string, building: string) => ({ street, building, stairwell: '' })
  const way = [spot('', '1'), spot('Bell', '10'), spot('Bell', '2')].sort(wayOrder)
  expect(way.map((one) => one.building)).toEqual(['2', '10', '1'])
  expect([...answersIn('{"id":"a","out":{"state":"done","counted":true}}\n{"id":"b","o').keys()]).toEqual(['a'])
})
