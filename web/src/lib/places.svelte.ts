// The regions this installation knows, loaded once, and how to name and find them.

import { read } from './api'
import type { Region } from './contract'
import { both, language, t } from './words.svelte'

let held = $state.raw<{ list: Region[]; byPath: Map<string, Region>; root: string }>({
  list: [],
  byPath: new Map(),
  root: '',
})
let loading: Promise<void> | null = null

export const places = {
  get all(): Region[] {
    return held.list
  },
  get root(): string {
    return held.root
  },
  find(path: string): Region | undefined {
    return held.byPath.get(path)
  },
  load(): Promise<void> {
    loading ??= fetchRegions().catch((error) => {
      loading = null
      throw error
    })
    return loading
  },
  /** After an import of regions. */
  reload(): Promise<void> {
    loading = null
    return places.load()
  },
}

async function fetchRegions() {
  const { root, regions } = await read.regions()
  held = { list: regions, root, byPath: new Map(regions.map((region) => [region.path, region])) }
}

/** The last name on a path: `14/1407/140726` is "太谷区" or "Taigu". An unknown path shows itself. */
export function placeName(path: string | null | undefined): string {
  if (!path) return t('terms.everywhere')
  const region = places.find(path)
  return region ? both(region) : path
}

/** The names from below the root down: `晋中市 太谷区`, `Taigu, Jinzhong`. */
export function placeTrail(path: string | null | undefined): string {
  if (!path) return t('terms.everywhere')
  const parts = path.split('/')
  const names: string[] = []
  for (let depth = 1; depth <= parts.length; depth++) {
    const step = parts.slice(0, depth).join('/')
    if (step !== places.root || parts.length === 1) names.push(placeName(step))
  }
  return language() === 'zh' ? names.join(' ') : names.reverse().join(', ')
}

/** Regions whose Chinese name, pinyin name or code starts with (then: contains) what was typed. */
export function searchPlaces(typed: string, limit = 12, below = ''): Region[] {
  const wanted = typed.trim().toLowerCase()
  const open = places.all.filter((r) => below === '' || r.path === below || r.path.startsWith(`${below}/`))
  if (!wanted) return open.filter((region) => region.level <= 2).slice(0, limit)
  const starts: Region[] = []
  const contains: Region[] = []
  for (const region of open) {
    const names = [region.zh, region.en.toLowerCase(), region.code]
    if (names.some((name) => name.startsWith(wanted))) starts.push(region)
    else if (names.some((name) => name.includes(wanted))) contains.push(region)
  }
  const higherFirst = (a: Region, b: Region) => a.level - b.level
  return [...starts.sort(higherFirst), ...contains.sort(higherFirst)].slice(0, limit)
}
