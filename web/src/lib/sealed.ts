// Names and numbers on a phone that may be lost: each record is sealed with AES-GCM before it is kept. The key belongs to one
// account on one phone, cannot be read out of the browser, and is destroyed at sign-out, and with it whatever it sealed.
//
// It protects what lies on the disk. Whoever holds the unlocked phone with the account signed in sees what its owner sees.

export interface Owned {
  id: string
  account: string
}

/** What lies on the disk. Of the content it tells whose it is, how much, and whether it still has to be sent. */
export interface SealedRow extends Owned {
  unsent: boolean
  iv: Uint8Array<ArrayBuffer>
  sealed: ArrayBuffer
}

export interface KeyRow {
  /** The account. */
  id: string
  key: CryptoKey
}

/** A place that keeps rows; several are kept at once or not at all. */
export interface Rack<T> {
  all(): Promise<T[]>
  putAll(rows: T[]): Promise<void>
  removeAll(ids: string[]): Promise<void>
}

export interface Found<T> {
  records: T[]
  /** Of other accounts on this phone, by account: how many wait to be sent. */
  others: Map<string, number>
  /** Of this account, but sealed with a key that is gone. */
  unreadable: string[]
}

const bound = ({ id, account }: Owned) => new TextEncoder().encode(`${account}/${id}`)

async function keyOf(keys: Rack<KeyRow>, account: string): Promise<CryptoKey> {
  const had = (await keys.all()).find((row) => row.id === account)
  if (had) return had.key
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  // On the disk before anything is sealed with it.
  await keys.putAll([{ id: account, key }])
  return key
}

/** The records of one account. */
export class SealedShelf<T extends Owned> {
  #key: CryptoKey | null = null

  constructor(
    private readonly rows: Rack<SealedRow>,
    private readonly keys: Rack<KeyRow>,
    private readonly account: string,
    private readonly unsent: (record: T) => boolean,
  ) {}

  async open(): Promise<Found<T>> {
    this.#key = await keyOf(this.keys, this.account)
    const found: Found<T> = { records: [], others: new Map(), unreadable: [] }
    for (const row of await this.rows.all()) {
      if (row.account !== this.account) {
        if (row.unsent) found.others.set(row.account, (found.others.get(row.account) ?? 0) + 1)
        continue
      }
      try {
        found.records.push(await this.#unseal(row))
      } catch {
        found.unreadable.push(row.id)
      }
    }
    return found
  }

  async putAll(records: T[]) {
    await this.rows.putAll(await Promise.all(records.map((record) => this.#seal(record))))
  }

  removeAll(ids: string[]): Promise<void> {
    return this.rows.removeAll(ids)
  }

  async #seal(record: T): Promise<SealedRow> {
    if (!this.#key) throw new Error('the shelf is not open')
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const way = { name: 'AES-GCM', iv, additionalData: bound(record) }
    const sealed = await crypto.subtle.encrypt(way, this.#key, new TextEncoder().encode(JSON.stringify(record)))
    return { id: record.id, account: record.account, unsent: this.unsent(record), iv, sealed }
  }

  async #unseal(row: SealedRow): Promise<T> {
    const way = { name: 'AES-GCM', iv: row.iv, additionalData: bound(row) }
    const plain = await crypto.subtle.decrypt(way, this.#key!, row.sealed)
    return JSON.parse(new TextDecoder().decode(plain)) as T
  }
}

/** What waits to be sent of an account, without opening it. */
export async function countUnsent(rows: Rack<SealedRow>, account: string): Promise<number> {
  return (await rows.all()).filter((row) => row.account === account && row.unsent).length
}

/** The key first: without it the rest is noise, also when this is interrupted. */
export async function forgetAccount(rows: Rack<SealedRow>, keys: Rack<KeyRow>, account: string) {
  await keys.removeAll([account])
  await rows.removeAll((await rows.all()).filter((row) => row.account === account).map((row) => row.id))
}
