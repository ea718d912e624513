import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fill } from '../lib/words.svelte'

const files = import.meta.glob<Record<string, string>>('./{zh,en}/*.ts', { eager: true, import: 'default' })
const source = join(import.meta.dirname, '..')

function keysOf(language: string): Set<string> {
  const keys = new Set<string>()
  for (const [path, words] of Object.entries(files)) {
    const page = new RegExp(`^\\./${language}/(.+)\\.ts$`).exec(path)?.[1]
    if (page) for (const key of Object.keys(words)) keys.add(`${page}.${key}`)
  }
  return keys
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : sourceFiles(path)
    return /\.(svelte|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [path] : []
  })
}

test('each language says everything the other says', () => {
  const [zh, en] = [keysOf('zh'), keysOf('en')]
  expect([...zh].filter((key) => !en.has(key)), 'missing in English').toEqual([])
  expect([...en].filter((key) => !zh.has(key)), 'missing in Chinese').toEqual([])
  expect(zh.size).toBeGreaterThan(50)
})

test('no word is empty, and both languages use the same blanks', () => {
  const blanks = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((hit) => hit[1]))].sort()
  for (const [path, words] of Object.entries(files)) {
    if (!path.startsWith('./zh/')) continue
    const english = files[path.replace('./zh/', './en/')] ?? {}
    for (const [key, text] of Object.entries(words)) {
      expect(text.trim(), `${path} ${key}`).not.toBe('')
      expect(blanks(english[key] ?? ''), `${path} ${key}`).toEqual(blanks(text))
    }
  }
})

test('every key the pages ask for exists', () => {
  const known = keysOf('zh')
  const missing: string[] = []
  for (const file of sourceFiles(source)) {
    for (const hit of readFileSync(file, 'utf8').matchAll(/\bt\(\s*'([\w-]+\.[\w.-]+)'/g)) {
      if (!known.has(hit[1]!)) missing.push(`${file.slice(source.length + 1)}: ${hit[1]}`)
    }
  }
  expect(missing).toEqual([])
})

test('a blank takes its value and English picks its plural', () => {
  expect(fill('{n} {n|case|cases} found', { n: 1 })).toBe('1 case found')
  expect(fill('{n} {n|case|cases} found', { n: 1234 })).toBe('1,234 cases found')
})
