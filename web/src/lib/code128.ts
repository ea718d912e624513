// The bars of a Code 128 (ISO/IEC 15417), narrow modules counted from the left.

import JsBarcode from 'jsbarcode'

export interface Bars {
  modules: number
  bars: { at: number; width: number }[]
}

/** Null for a text that Code 128 cannot carry. */
export function bars(text: string): Bars | null {
  const drawn: { encodings?: { data: string }[] } = {}
  let valid = true
  JsBarcode(drawn, text, { format: 'CODE128', valid: (is: boolean) => (valid = is) })
  const modules = valid ? (drawn.encodings ?? []).map((one) => one.data).join('') : ''
  if (!modules) return null
  return { modules: modules.length, bars: [...modules.matchAll(/1+/g)].map((run) => ({ at: run.index, width: run[0].length })) }
}
