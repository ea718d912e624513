import { expect, test } from 'vitest'
import { faultsOf, keepCodes, keptCodes, MOST, written, type Written } from './own_codes'

const WANG: Written = { name: ' 王小明 ', document: 'id_card', number: '11010519491231002x', phone: '１３９', born: '' }

function store(text: string | null = null) {
  return { text, getItem: () => text, setItem: (_: string, value: string) => void (text = value), removeItem: () => void (text = null) }
}

test('a person is written down with a secret of their own, which a change of number keeps', () => {
  const [one] = written([], null, WANG)
  expect(one).toMatchObject({ name: '王小明', number: '11010519491231002X', born: '1949-12-31', phone: '139' })
  const [after] = written([one!], one!.id, { ...WANG, phone: '138' })
  expect(after).toEqual({ ...one, phone: '138' })
  const two = written([one!], null, { ...WANG, name: '王小花', document: 'guardian' })
  expect(two).toHaveLength(2)
  expect(two[1]!.holder).not.toBe(one!.holder)
})

test('kept and found again; deleted without a trace', () => {
  const its = store()
  const list = written([], null, WANG)
  expect(keepCodes(its, list)).toBe(true)
  expect(keptCodes(its)).toEqual(list)
  keepCodes(its, [])
  expect(its.getItem()).toBe(null)
})

test('whatever else lies there is nobody', () => {
  for (const text of ['', '{', '{}', '[null,7,{"name":"x"}]', JSON.stringify([{ ...written([], null, WANG)[0], document: 'crown' }])])
    expect(keptCodes(store(text)), text).toEqual([])
})

test('faults are told, and a family has an end', () => {
  expect(faultsOf({ ...WANG, name: ' ' }).name).toBe(true)
  expect(faultsOf({ ...WANG, number: '110105194912310021' }).number).toBe('check')
  expect(faultsOf({ ...WANG, document: 'none', number: '' }).number).toBe(null)
  let list = written([], null, WANG)
  for (let n = 0; n < 20; n++) list = written(list, null, WANG)
  expect(list).toHaveLength(MOST)
})
