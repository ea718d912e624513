import { expect, test } from 'vitest'
import { markOf, sampledToday } from './same_person'
import { openTube, withPerson, type Person } from './tube'

const NOON = new Date(2022, 1, 21, 12).getTime()
const person = (over: Partial<Person>): Person => ({
  ...{ at: NOON, way: 'number', name: '', document: 'id_card', number: '', phone: '', born: null, sheet: null, holder: null },
  ...over,
})
const tube = openTube({ id: 'change_1', account: 'a', device: 'd', post: { id: 'p' }, tube: 'T0001', kind: 'people', size: 10, at: NOON })
const same = async (one: Partial<Person>, other: Partial<Person>) => (await markOf(person(one))) === (await markOf(person(other)))

test('one person by their number, however it was told', async () => {
  expect(await same({ number: '140726199001010000', name: '王小明' }, { number: '140726199001010000', way: 'code', holder: 'x' })).toBe(true)
  expect(await same({ number: 'E 123', document: 'passport' }, { number: 'e123', document: 'passport' })).toBe(true)
  expect(await same({ number: 'E123', document: 'passport' }, { number: 'E123', document: 'other' })).toBe(false)
})

test('a guardian’s children are different people, and one of them is the same one twice', async () => {
  const guardian = { document: 'guardian' as const, number: '140726198001010000' }
  expect(await same({ ...guardian, name: '小花' }, { ...guardian, name: '小草' })).toBe(false)
  expect(await same({ ...guardian, name: '小花' }, { ...guardian, name: '小 花' })).toBe(true)
  expect(await same({ ...guardian, name: '小花' }, { number: guardian.number })).toBe(false)
})

test('a line on paper is one person; two people without any paper are not one', async () => {
  expect(await same({ way: 'paper', document: 'none', sheet: 'A1/3' }, { way: 'paper', document: 'none', sheet: 'a1/3' })).toBe(true)
  expect(await same({ way: 'paper', document: 'none', sheet: 'A1/3' }, { way: 'paper', document: 'none', sheet: 'A1/4' })).toBe(false)
  expect(await markOf(person({ document: 'none', name: '王小明' }))).toBe('')
})

test('noticed on the same day in any tube, the open one too; not the day after', async () => {
  const mark = await markOf(person({ number: '140726199001010000' }))
  const filled = withPerson(tube, person({ number: '140726199001010000' }), mark)
  expect(sampledToday([filled], mark, NOON + 3_600_000)?.tube.tube).toBe('T0001')
  expect(sampledToday([filled], mark, NOON + 86_400_000)).toBe(null)
  expect(sampledToday([filled], await markOf(person({ number: '140726199001010001' })), NOON)).toBe(null)
  expect(sampledToday([withPerson(tube, person({ document: 'none' }), '')], '', NOON)).toBe(null)
})
