import { expect, test } from 'vitest'
import { articlesOn, governmentOf, type LawText, type MeasureKind } from './measures'

test('what holds in a township is ordered by its county, or by the province where only that may', () => {
  expect(governmentOf('14/1407/140703/140703100', 'county')).toBe('14/1407/140703')
  expect(governmentOf('14/1407', 'county')).toBe('14/1407')
  expect(governmentOf('14/1407/140703', 'province')).toBe('14')
})

test('only articles of a text in force on the day are offered', () => {
  const article = { id: '42', zh: '', en: '', says_zh: '', says_en: '', approval: 'before', announce: true, classes: [] } as const
  const texts = [
    { id: 'old', from: '2004-12-01', to: '2025-08-31', articles: [article] },
    { id: 'new', from: '2025-09-01', to: null, articles: [article] },
  ] as unknown as LawText[]
  const kind = { basis: ['old/42', 'new/42', 'new/none'] } as MeasureKind
  const on = (day: string) => articlesOn(kind, texts, day).map((one) => one.id)
  expect(on('2025-08-31')).toEqual(['old/42'])
  expect(on('2025-09-01')).toEqual(['new/42'])
  expect(on('2000-01-01')).toEqual([])
})
