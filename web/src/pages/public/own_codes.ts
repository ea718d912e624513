// The codes of a person and their family on their own phone: kept there and nowhere else.

import { readDocument, type NumberFault } from '../../lib/identity'
import { DOCUMENTS, makeHolder, type OwnCode } from '../../lib/person_code'

export interface Kept extends OwnCode {
  /** Of this list, so that a change is a change and not another person. */
  id: string
}

const KEY = 'quell.public.code'
/** A family, and no more than a sheet of paper holds. */
export const MOST = 12

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function keptCodes(store: Store): Kept[] {
  try {
    const list: unknown = JSON.parse(store.getItem(KEY) ?? '[]')
    if (!Array.isArray(list)) return []
    return list.filter((one): one is Kept => ['id', 'name', 'number', 'phone', 'born', 'holder'].every((key) => typeof one?.[key] === 'string') && DOCUMENTS.includes(one.document))
  } catch {
    return []
  }
}

/** False when this browser keeps nothing. */
export function keepCodes(store: Store, list: Kept[]): boolean {
  try {
    if (list.length) store.setItem(KEY, JSON.stringify(list))
    else store.removeItem(KEY)
    return true
  } catch {
    return false
  }
}

export type Written = Omit<OwnCode, 'holder'>

/** What is wrong with what was written, by field; a check digit that does not fit is said and let pass. */
export function faultsOf(written: Written): { number: NumberFault | null; name: boolean } {
  return { number: readDocument(written.document, written.number).fault, name: written.name.trim() === '' }
}

/** The list with somebody new in it, or with what was changed about one who stays the holder of their code. */
export function written(list: Kept[], id: string | null, person: Written): Kept[] {
  const read = readDocument(person.document, person.number)
  const clean: Written = {
    ...{ name: person.name.trim(), document: person.document, number: person.document === 'none' ? '' : read.number },
    ...{ phone: person.phone.normalize('NFKC').trim(), born: read.born ?? person.born },
  }
  if (id === null) return [...list, { id: makeHolder(), ...clean, holder: makeHolder() }].slice(0, MOST)
  return list.map((one) => (one.id === id ? { ...one, ...clean } : one))
}
