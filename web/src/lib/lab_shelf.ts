// Where this phone keeps tubes, boxes and keys: a database of their own, written to the disk before anything goes on. Whoever
// signs out takes their key along, wherever in the console they do it.

import { countUnsent, forgetAccount, type KeyRow, type Rack, type SealedRow } from './sealed'
import { onLeaving, session } from './session.svelte'

const HOUSE = 'quell.lab'

let opening: Promise<IDBDatabase> | null = null

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open(HOUSE, 1)
    asked.onupgradeneeded = () => {
      for (const name of ['rows', 'keys']) asked.result.createObjectStore(name, { keyPath: 'id' })
    }
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close()
      resolve(asked.result)
    }
    asked.onerror = () => reject(asked.error)
  }).catch((error) => {
    opening = null
    throw error
  })
  return opening
}

async function within<T>(name: string, mode: IDBTransactionMode, act: (held: IDBObjectStore) => IDBRequest<T> | void): Promise<T | undefined> {
  const database = await open()
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode, { durability: 'strict' })
    const asked = act(transaction.objectStore(name))
    // Only a finished transaction is on the disk.
    transaction.oncomplete = () => resolve(asked?.result)
    transaction.onabort = () => reject(transaction.error)
    transaction.onerror = () => reject(transaction.error)
  })
}

function rack<T extends { id: string }>(name: string): Rack<T> {
  return {
    all: async () => (await within<T[]>(name, 'readonly', (held) => held.getAll() as IDBRequest<T[]>)) ?? [],
    putAll: async (rows) => {
      await within(name, 'readwrite', (held) => rows.forEach((row) => held.put(row)))
    },
    removeAll: async (ids) => {
      await within(name, 'readwrite', (held) => ids.forEach((id) => held.delete(id)))
    },
  }
}

export const rows = rack<SealedRow>('rows')
export const keys = rack<KeyRow>('keys')

/** How many tubes and boxes of an account would be lost with its key. */
export async function unsentSamples(account: string): Promise<number> {
  try {
    return await countUnsent(rows, account)
  } catch {
    return 0
  }
}

onLeaving(async () => {
  try {
    if (session.account) await forgetAccount(rows, keys, session.account.id)
  } catch {
    // Nothing was kept.
  }
})
