import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { columnsOf, LARGEST_BYTES, tooLarge } from './visits'

const server = (path: string) => readFileSync(new URL(`../../../../app/rooms/src/trace/fence/${path}`, import.meta.url), 'utf8')

test('the template has the columns that the server knows, under names it reads', () => {
  const known = new Map<string, string[]>()
  for (const [, field, names] of server('file.rs').matchAll(/\("(\w+)", &\[([^\]]+)\]\)/g))
    known.set(field!, [...names!.matchAll(/"([^"]+)"/g)].map((name) => name[1]!))
  const told = [...columnsOf(false, 'en'), ...columnsOf(true, 'en'), ...columnsOf(false, 'zh'), ...columnsOf(true, 'zh')]
  for (const { field, name } of told) expect(known.get(field), field).toContain(name)
  expect(new Set(told.map((column) => column.field))).toEqual(new Set(known.keys()))
})

test('a file that the server would not take is refused before it is sent', () => {
  expect(Number(/LARGEST: usize = ([\d_]+)/.exec(server('http.rs'))![1]!.replaceAll('_', ''))).toBe(LARGEST_BYTES)
  expect(tooLarge({ size: LARGEST_BYTES } as File)).toBeNull()
  expect(tooLarge({ size: LARGEST_BYTES + 1 } as File)?.status).toBe(413)
})
