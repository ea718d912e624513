import { expect, test } from 'vitest'
import type { Region } from '../../lib/contract'
import type { ListedContact } from '../../lib/trace'
import { byStreet } from './by_street'

const TAIGU = '14/1407/140703'

const contact = (no: string, territory: string | null, place: string | null, more: Partial<ListedContact> = {}): ListedContact => ({
  contact: `contact_${no}`, no, class: 'close', last_exposure: null, state: 'accepted', reason: null, reached_at: null, isolated_at: null,
  subject: null, territory, place, ...more,
})

const region = (code: string, zh: string, en: string) => ({ path: `${TAIGU}/${code}`, zh, en, code, level: 4 }) as Region
const regions = [region('140703001', '明星街道办事处', 'Mingxing'), region('140703100', '胡村镇', 'Hucun'), region('140703101', '东胡村镇', 'Donghucun')]

test('a sheet for each township, its streets in order of their numbers, those without one last', () => {
  const sheets = byStreet(
    [
      contact('K1', `${TAIGU}/140703100`, null),
      contact('K2', `${TAIGU}/140703100`, '康源路10号'),
      contact('K3', `${TAIGU}/140703100`, '康源路2号', { class: null }),
      contact('K4', `${TAIGU}/140703100`, '康源路2号'),
      contact('K5', `${TAIGU}/140703001`, '新建路'),
    ],
    regions,
  )
  expect(sheets.map((sheet) => [sheet.territory?.slice(-9), sheet.contacts])).toEqual([['140703001', 1], ['140703100', 4]])
  expect(sheets[1]!.streets.map((street) => [street.place, street.rows.map((row) => row.no)])).toEqual([
    ['康源路2号', ['K4', 'K3']],
    ['康源路10号', ['K2']],
    [null, ['K1']],
  ])
})

test('what was said of the place tells the township when only the county is known', () => {
  const of = (place: string | null) => byStreet([contact('K1', TAIGU, place)], regions)[0]!.territory
  expect(of('太谷区明星街道新建路3号')).toBe(`${TAIGU}/140703001`)
  expect(of('东胡村镇北街')).toBe(`${TAIGU}/140703101`)
  expect(of('12 North Street, Hucun')).toBe(`${TAIGU}/140703100`)
  expect(of('北街')).toBe(TAIGU)
  expect(of(null)).toBe(TAIGU)
})

test('whose township is not known come after the townships, whose home is told to others last; nobody is left out', () => {
  const rows = [contact('K1', null, null), contact('K2', TAIGU, '北街'), contact('K3', null, null), contact('K4', TAIGU, '胡村镇北街')]
  const sheets = byStreet(rows, regions)
  expect(sheets.map((sheet) => [sheet.territory, sheet.contacts])).toEqual([[`${TAIGU}/140703100`, 1], [TAIGU, 1], [null, 2]])
})
