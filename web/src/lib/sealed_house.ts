// A database on this phone for records that are sealed: their rows and the keys of the accounts, written to the disk before
// anything goes on. Whoever signs out takes their key along, wherever in the console they do it.

import { countUnsent, forgetAccount, type KeyRow, type Rack, type SealedRow } from './sealed'
import { onLeaving, session } from './session.svelte'

export interface SealedHouse {
  rows: Rack<SealedRow>
  keys: Rack<KeyRow>
  /** How many records of an account would be lost with its key. */
  unsent: (account: string) => Promise<number>
}

export function sealedHouse(name: string): SealedHouse {
  let opening: Promise<IDBDatabase> | null = null

  function open(): Promise<IDBDatabase> {
    opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const asked = indexedDB.open(name, 1)
      asked.onupgradeneeded = () => {
        for (const store of ['rows', 'keys']) asked.result.createObjectStore(store, { keyPath: 'id' })
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

  async function within<T>(store: string, mode: IDBTransactionMode, act: (held: IDBObjectStore) => IDBRequest<T> | void): Promise<T | undefined> {
    const database = await open()
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: 'strict' })
      const asked = act(transaction.objectStore(store))
      // Only a finished transaction is on the disk.
      transaction.oncomplete = () => resolve(asked?.result)
      transaction.onabort = () => reject(transaction.error)
      transaction.onerror = () => reject(transaction.error)
    })
  }

  function rack<T extends { id: string }>(store: string): Rack<T> {
    return {
      all: async () => (await within<T[]>(store, 'readonly', (held) => held.getAll() as IDBRequest<T[]>)) ?? [],
      putAll: async (rows) => {
        await within(store, 'readwrite', (held) => rows.forEach((row) => held.put(row)))
      },
      removeAll: async (ids) => {
        await within(store, 'readwrite', (held) => ids.forEach((id) => held.delete(id)))
      },
    }
  }

  const rows = rack<SealedRow>('rows')
  const keys = rack<KeyRow>('keys')
  onLeaving(async () => {
    try {
      if (session.account) await forgetAccount(rows, keys, session.account.id)
    } catch {
      // Nothing was kept.
    }
  })
  return {
    rows,
    keys,
    unsent: async (account) => {
      try {
        return await countUnsent(rows, account)
      } catch {
        return 0
      }
    },
  }
}
