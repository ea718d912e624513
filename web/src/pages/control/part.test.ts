import { expect, test } from 'vitest'
import type { Area } from '../../lib/control'
import { isUnsure, partOf } from './part'

const [north, south] = ['14/1407/140703/140703101', '14/1407/140703/140703102']
const area: Area = {
  units: [
    { territory: north, part: [], kind: 'township' },
    { territory: south, part: [], kind: 'township' },
    { territory: south, part: ['甲小区'], kind: 'compound' },
  ],
}

test('a name in one of two townships is asked for its township, and lies in the one that was said', () => {
  expect(isUnsure(area, '乙小区')).toBe(true)
  expect(partOf(area, '乙小区', area.units[1])).toEqual({ territory: south, part: ['乙小区'], kind: 'compound' })
})

test('a name that begins with a place of the zone lies in that place', () => {
  expect(isUnsure(area, '甲 小区 · 5号楼')).toBe(false)
  expect(partOf(area, '甲 小区 · 5号楼').territory).toBe(south)
})

test('where one township is whole, it is that one', () => {
  const one = { units: [area.units[2]!, area.units[0]!] }
  expect(isUnsure(one, '乙小区')).toBe(false)
  expect(partOf(one, '乙小区').territory).toBe(north)
})
