// What a file of registered visits holds.

import { Failure } from '../../lib/api'
import type { VisitKind, VisitsAccount } from '../../lib/fence'
import type { Language } from '../../lib/words.svelte'

export const KINDS: VisitKind[] = ['check_in', 'manifest', 'declaration', 'permit']

/** Every row is one of these. */
export const PARTS = ['created', 'updated', 'skipped', 'failed'] as const satisfies (keyof VisitsAccount)[]

/** A manifest says who rode; the others say who was at a place. The server takes either from each. */
export const rides = (kind: VisitKind) => kind === 'manifest'

type Column = { field: string; en: string; zh: string; example: string }

const PERSON: Column[] = [
  { field: 'name', en: 'name', zh: '姓名', example: '' },
  { field: 'telephone', en: 'telephone', zh: '电话', example: '13900001234' },
  { field: 'id_number', en: 'id_number', zh: '证件号', example: '' },
]
const TIMES: Column[] = [
  { field: 'from', en: 'from', zh: '到达时间', example: '2022-02-20 18:30' },
  { field: 'to', en: 'to', zh: '离开时间', example: '2022-02-20 19:10' },
]
const AT_PLACE: Column[] = [{ field: 'place', en: 'place', zh: '场所', example: 'premises_…' }, ...PERSON, ...TIMES]
const ON_RIDE: Column[] = [
  { field: 'vehicle', en: 'vehicle', zh: '交通工具', example: 'train' },
  { field: 'number', en: 'number', zh: '车次', example: 'D2003' },
  { field: 'day', en: 'day', zh: '日期', example: '2022-02-20' },
  { field: 'territory', en: 'territory', zh: '地区', example: '14/1407/140703' },
  ...PERSON,
  ...TIMES,
]

/** The columns of a table, by the names it may have in the reader's language. */
export function columnsOf(onRide: boolean, language: Language): { field: string; name: string; example: string }[] {
  return (onRide ? ON_RIDE : AT_PLACE).map((column) => ({ field: column.field, name: column[language], example: column.example }))
}

/** The server takes no more; said before sending. */
export const LARGEST_BYTES = 20e6

export function tooLarge(file: File): Failure | null {
  if (file.size <= LARGEST_BYTES) return null
  const size = (file.size / 1e6).toFixed(1)
  return new Failure(
    413,
    'trace.too_large',
    `文件为 ${size} MB，超过 20 MB 上限；请按日期或场所拆分后分次上传。`,
    `The file is ${size} MB, more than the 20 MB that are taken; split it by day or place and send the parts.`,
  )
}
