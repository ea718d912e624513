// Every string a person reads comes from `src/words/{zh,en}/<page>.ts`, asked for by page and key.
// The language is state, so a switch re-renders what is on the screen without a reload.

export type Language = 'zh' | 'en'
export type Dictionary = Record<string, string>
type Values = Record<string, string | number | null | undefined>

const files = import.meta.glob<Dictionary>('../words/*/*.ts', { eager: true, import: 'default' })
const dictionaries: Record<Language, Map<string, string>> = { zh: new Map(), en: new Map() }
for (const [path, words] of Object.entries(files)) {
  const [, language, page] = /words\/(zh|en)\/([\w-]+)\.ts$/.exec(path) ?? []
  if (!language || !page) continue
  for (const [key, text] of Object.entries(words))
    dictionaries[language as Language].set(`${page}.${key}`, text)
}

function firstLanguage(): Language {
  try {
    const kept = localStorage.getItem('quell.language')
    if (kept === 'zh' || kept === 'en') return kept
    return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
  } catch {
    return 'zh'
  }
}

const state = $state({ language: firstLanguage() })

export function language(): Language {
  return state.language
}

export function setLanguage(next: Language) {
  state.language = next
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
  try {
    localStorage.setItem('quell.language', next)
  } catch {
    // A browser that keeps nothing still switches for this visit.
  }
}

/** The text of a key. `{n}` is replaced by a value (numbers get thousands separators); `{n|case|cases}` picks
 * a word by the number, for English. A missing key shows itself: the key test keeps that from shipping. */
export function t(key: string, values: Values = {}): string {
  const text = dictionaries[state.language].get(key)
  return text === undefined ? key : fill(text, values)
}

/** A word of a closed list that may grow on the server first: the code itself is better than nothing. */
export function term(list: string, code: string | null | undefined): string {
  if (!code) return t('terms.unknown')
  return dictionaries[state.language].get(`terms.${list}.${code}`) ?? code
}

/** The codes of a closed list that have a word. */
export function terms(list: string): string[] {
  const start = `terms.${list}.`
  const keys = [...dictionaries[state.language].keys()].filter((key) => key.startsWith(start))
  return keys.map((key) => key.slice(start.length)).sort()
}

/** A name the server sends in both languages. */
export function both(name: { zh?: string | null; en?: string | null } | null | undefined): string {
  if (!name) return ''
  return (state.language === 'zh' ? name.zh || name.en : name.en || name.zh) ?? ''
}

export function fill(text: string, values: Values): string {
  return text
    .replace(/\{(\w+)\|([^|}]*)\|([^}]*)\}/g, (_, name, one, many) =>
      Number(values[name]) === 1 ? one : many,
    )
    .replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name]
      if (value === undefined) return whole
      return typeof value === 'number' ? formatNumber(value) : String(value ?? '')
    })
}

/** Thousands by commas in both languages; `digits` fixes the decimals, otherwise at most two are shown. */
export function formatNumber(value: number, digits?: number): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits ?? 0,
    maximumFractionDigits: digits ?? 2,
  })
}

const compacts = new Map<string, Intl.NumberFormat>()

/** A great number as people say it: `3.73 million`, `373万`; in a table `3.73m`. */
export function compact(value: number, long = true): string {
  if (Math.abs(value) < 10_000) return formatNumber(value, Math.abs(value) < 10 && value !== 0 ? 2 : 0)
  const which = `${state.language} ${long}`
  let format = compacts.get(which)
  if (!format) {
    const locale = state.language === 'zh' ? 'zh-CN' : 'en-GB'
    format = new Intl.NumberFormat(locale, { notation: 'compact', compactDisplay: long ? 'long' : 'short', maximumSignificantDigits: 3 })
    compacts.set(which, format)
  }
  return format.format(value)
}

/** A share of 0 to 1 as `4.3 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
