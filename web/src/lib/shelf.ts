// What this browser keeps for the field pages when there is no connection: numbers that wait to be sent, and the last
// answers that the page needs to open. Nothing of it names a patient.

const NAME = 'quell.field'
export type Store = 'waiting' | 'answers'

let opened: Promise<IDBDatabase> | null = null

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('waiting', { keyPath: 'id' })
      asked.result.createObjectStore('answers', { keyPath: 'id' })
    }
    asked.onsuccess = () => {
      // Another tab with a newer page wants the store: let it.
      asked.result.onversionchange = () => asked.result.close()
      resolve(asked.result)
    }
    asked.onerror = () => reject(asked.error)
  }).catch((error) => {
    opened = null
    throw error
  })
  return opened
}

async function within<T>(store: Store, mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open()
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: 'strict' })
    const asked = act(transaction.objectStore(store))
    // Only a finished transaction is on the disk.
    transaction.oncomplete = () => resolve(asked.result)
    transaction.onabort = () => reject(transaction.error)
    transaction.onerror = () => reject(transaction.error)
  })
}

export interface Shelf<T extends { id: string }> {
  all(): Promise<T[]>
  put(item: T): Promise<void>
  remove(id: string): Promise<void>
}

export function shelf<T extends { id: string }>(store: Store): Shelf<T> {
  return {
    all: () => within<T[]>(store, 'readonly', (held) => held.getAll() as IDBRequest<T[]>),
    put: async (item) => void (await within(store, 'readwrite', (held) => held.put(item))),
    remove: async (id) => void (await within(store, 'readwrite', (held) => held.delete(id))),
  }
}

interface Answer {
  id: string
  /** By the clock of this device. */
  at: number
  value: unknown
}

/** The last answer kept under a name, and when; null when there is none or the browser keeps nothing. */
export async function keptAnswer<T>(name: string): Promise<{ at: number; value: T } | null> {
  try {
    const found = await within<Answer | undefined>('answers', 'readonly', (held) => held.get(name) as IDBRequest<Answer | undefined>)
    return found ? { at: found.at, value: found.value as T } : null
  } catch {
    return null
  }
}

export async function keepAnswer(name: string, value: unknown) {
  try {
    await shelf<Answer>('answers').put({ id: name, at: Date.now(), value })
  } catch {
    // The page works as long as it is open and connected.
  }
}

export async function forgetAnswers() {
  try {
    await within('answers', 'readwrite', (held) => held.clear())
  } catch {
    // Nothing was kept.
  }
}
