// What this browser keeps when there is no connection: numbers and answers that wait to be sent, and the last answers of
// the server that the field page needs to open. Nothing of the field page names a patient; what an interview waits to send
// does, so it lies apart, leaves as soon as the server has it, and is forgotten when its writer signs out or somebody else
// signs in.

export type Store = 'waiting' | 'answers' | 'said'

/** Which database a store lies in. */
const HOUSES: Record<Store, string> = { waiting: 'quell.field', answers: 'quell.field', said: 'quell.interviews' }

const opened = new Map<string, Promise<IDBDatabase>>()

function open(house: string): Promise<IDBDatabase> {
  const had = opened.get(house)
  if (had) return had
  const opening = new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open(house, 1)
    asked.onupgradeneeded = () => {
      for (const [store, its] of Object.entries(HOUSES))
        if (its === house) asked.result.createObjectStore(store, { keyPath: 'id' })
    }
    asked.onsuccess = () => {
      // Another tab with a newer page wants the store: let it.
      asked.result.onversionchange = () => asked.result.close()
      resolve(asked.result)
    }
    asked.onerror = () => reject(asked.error)
  }).catch((error) => {
    opened.delete(house)
    throw error
  })
  opened.set(house, opening)
  return opening
}

async function within<T>(store: Store, mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open(HOUSES[store])
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
  /** Puts it in the place of what has its id; false when nothing has. */
  replace(item: T): Promise<boolean>
  remove(id: string): Promise<void>
}

export function shelf<T extends { id: string }>(store: Store): Shelf<T> {
  return {
    all: () => within<T[]>(store, 'readonly', (held) => held.getAll() as IDBRequest<T[]>),
    put: async (item) => void (await within(store, 'readwrite', (held) => held.put(item))),
    replace: async (item) => {
      const found = await within(store, 'readwrite', (held) => {
        const asked = held.getKey(item.id)
        asked.onsuccess = () => asked.result !== undefined && held.put(item)
        return asked
      })
      return found !== undefined
    },
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

/** What was said in interviews and never reached the server. */
export async function forgetSaid() {
  try {
    await within('said', 'readwrite', (held) => held.clear())
  } catch {
    // Nothing was kept.
  }
}
