// A contact list as somebody walks it: a township a sheet, in it the streets, in a street the closest contacts first.

import type { Region } from '../../lib/contract'
import { CLASSES, type ListedContact } from '../../lib/trace'

export interface Street {
  /** As a list said it; null when nothing was said. */
  place: string | null
  rows: ListedContact[]
}

export interface Sheet {
  /** The township, or what is known above it; null for those whose home is told to others only. */
  territory: string | null
  streets: Street[]
  contacts: number
}

/** Province, prefecture, county, township. */
const TOWNSHIP = 4

/** The closest first; who has no class yet comes last. */
export function inOrder(a: ListedContact, b: ListedContact): number {
  const rank = (row: ListedContact) => (row.class ? CLASSES.indexOf(row.class) : CLASSES.length)
  return rank(a) - rank(b) || (a.no < b.no ? -1 : 1)
}

/** A contact that was handed over lies in a county; what the list said of the place may name the township. Of two that are named,
 * the longer: 小店街道 is not 店街道. */
function townshipOf(territory: string, place: string | null, regions: Region[]): string {
  if (!place || territory.split('/').length >= TOWNSHIP) return territory
  const text = place.toLowerCase()
  const named = regions.filter((region) => {
    if (!region.path.startsWith(`${territory}/`) || region.path.split('/').length !== TOWNSHIP) return false
    const zh = region.zh.replace(/办事处$/, '')
    return (zh && text.includes(zh)) || (region.en && text.includes(region.en.toLowerCase()))
  })
  named.sort((a, b) => b.zh.length - a.zh.length || (a.path < b.path ? -1 : 1))
  return named[0]?.path ?? territory
}

export function byStreet(rows: ListedContact[], regions: Region[]): Sheet[] {
  const sheets = new Map<string, Map<string, ListedContact[]>>()
  for (const row of [...rows].sort(inOrder)) {
    const sheet = row.territory === null ? '' : townshipOf(row.territory, row.place, regions)
    const streets = sheets.get(sheet) ?? new Map<string, ListedContact[]>()
    sheets.set(sheet, streets)
    const street = row.place ?? ''
    const own = streets.get(street)
    if (own) own.push(row)
    else streets.set(street, [row])
  }
  const last = (a: string, b: string) => Number(a === '') - Number(b === '')
  // Whose township is not known comes after those that can be handed out, whose home is not known after everybody.
  const rank = (sheet: string) => (sheet === '' ? 2 : sheet.split('/').length < TOWNSHIP ? 1 : 0)
  // 2号 stands before 10号.
  const { compare } = new Intl.Collator('zh', { numeric: true })
  return [...sheets]
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([territory, streets]) => ({
      territory: territory || null,
      streets: [...streets].sort(([a], [b]) => last(a, b) || compare(a, b)).map(([place, own]) => ({ place: place || null, rows: own })),
      contacts: [...streets.values()].reduce((sum, own) => sum + own.length, 0),
    }))
}
