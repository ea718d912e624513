// The code of a negative result (a SMART Health Card): read and verified here, with nobody asked. What it says is believed only
// after its signature held under a key that this phone had before.

export interface Jwk {
  kty: string
  crv: string
  x: string
  y: string
  kid: string
}

/** Whose codes count here: an address, and the keys it told when this phone last had a network. */
export interface Issuer {
  issuer: string
  keys: Jwk[]
}

export interface Card {
  issuer: string
  /** As much as is needed to compare: 王＊明. */
  name: string
  /** The last letters of the number in the card in hand; '' when the code tells none. */
  ending: string
  /** Milliseconds. */
  sampled: number
  from: number
  until: number
  laboratory: string
}

export type Verdict =
  | { is: 'valid' | 'expired' | 'early'; card: Card }
  /** Written by nobody we know of; `issuer` is what it claims. */
  | { is: 'unknown'; issuer: string }
  /** It claims one of our keys, or a way of signing that nobody may use, and its signature does not hold. */
  | { is: 'forged' }
  /** No such code at all. */
  | { is: 'unreadable' }

/** One picture holds no more letters (QR version 40). */
const LONGEST = 7200
/** What a payload may unpack to; ours have about 800 bytes. */
export const LARGEST = 16_384
/** A phone's clock may be so far behind. */
const CLOCK_MS = 5 * 60_000
const NOT_DETECTED = '260415000'

/** The signed text behind what was scanned or pasted. */
export function jwsOf(text: string): string | null {
  const plain = text.trim()
  if (plain.length > LONGEST) return null
  const digits = /^shc:\/((?:\d\d)+)$/i.exec(plain)?.[1]
  if (digits === undefined) return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(plain) ? plain : null
  let letters = ''
  for (let at = 0; at < digits.length; at += 2) letters += String.fromCharCode(Number(digits.slice(at, at + 2)) + 45)
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(letters) ? letters : null
}

export async function verify(text: string, issuers: Issuer[], now: number): Promise<Verdict> {
  const jws = jwsOf(text)
  if (jws === null) return { is: 'unreadable' }
  const [head, payload, signature] = jws.split('.') as [string, string, string]
  const said = objectIn(bytesIn(head))
  if (!said) return { is: 'unreadable' }
  if (said.alg !== 'ES256' || (said.zip !== undefined && said.zip !== 'DEF')) return { is: 'forged' }
  const issuer = issuers.find((one) => one.keys.some((key) => key.kid === said.kid))
  const key = issuer?.keys.find((one) => one.kid === said.kid)
  if (!issuer || !key) {
    const claims = await unpacked(payload, said.zip)
    return typeof claims?.iss === 'string' ? { is: 'unknown', issuer: claims.iss.slice(0, 120) } : { is: 'unreadable' }
  }
  const bytes = bytesIn(signature)
  if (bytes?.length !== 64 || !(await holds(key, bytes, `${head}.${payload}`))) return { is: 'forged' }
  const claims = await unpacked(payload, said.zip)
  const card = claims && cardOf(claims)
  if (!card) return { is: 'unreadable' }
  if (card.issuer !== issuer.issuer) return { is: 'forged' }
  if (now >= card.until) return { is: 'expired', card }
  return { is: now + CLOCK_MS < card.from ? 'early' : 'valid', card }
}

const imported = new WeakMap<Jwk, Promise<CryptoKey>>()

async function holds(jwk: Jwk, signature: Uint8Array<ArrayBuffer>, text: string): Promise<boolean> {
  let key = imported.get(jwk)
  if (!key) {
    const { kty, crv, x, y } = jwk
    key = crypto.subtle.importKey('jwk', { kty, crv, x, y }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
    imported.set(jwk, key)
  }
  try {
    return await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, await key, signature, new TextEncoder().encode(text))
  } catch {
    return false
  }
}

/** Null unless it is written as base64url writes it: otherwise one signature could be written in several ways. */
function bytesIn(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const letters = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const again = btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
    return again === text ? Uint8Array.from(letters, (letter) => letter.charCodeAt(0)) : null
  } catch {
    return null
  }
}

function objectIn(bytes: Uint8Array | null): Record<string, unknown> | null {
  try {
    const value: unknown = bytes && JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

async function unpacked(payload: string, zip: unknown): Promise<Record<string, unknown> | null> {
  const bytes = bytesIn(payload)
  return objectIn(zip === 'DEF' && bytes ? await inflated(bytes) : bytes)
}

/** Stops as soon as there is more than a code may hold, whatever comes after. */
async function inflated(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  const whole = new Uint8Array(LARGEST)
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return whole.subarray(0, length)
      if (length + value.length > LARGEST) {
        await reader.cancel()
        return null
      }
      whole.set(value, length)
      length += value.length
    }
  } catch {
    return null
  }
}

type Tree = { [key: string]: Tree | undefined } & { [at: number]: Tree | undefined }

/** Null unless it says of one person that nothing was found, when, and until when that counts. */
function cardOf(claims: Record<string, unknown>): Card | null {
  const entries = (claims as Tree).vc?.credentialSubject?.fhirBundle?.entry as unknown
  if (!Array.isArray(entries)) return null
  const resources = entries.map((one) => (one as Tree | null)?.resource).filter((one) => one !== undefined && one !== null)
  const of = (kind: string) => resources.filter((one) => (one!.resourceType as unknown) === kind) as Tree[]
  const [patients, observations] = [of('Patient'), of('Observation')]
  const [patient, observation] = [patients[0], observations[0]]
  if (patients.length !== 1 || observations.length !== 1 || !patient || !observation) return null
  const result: unknown = observation.valueCodeableConcept?.coding?.[0]?.code
  const sampled = Date.parse(wordsIn(observation.effectiveDateTime))
  const [from, until] = [claims.nbf, claims.exp]
  if (result !== NOT_DETECTED || (observation.status as unknown) !== 'final' || Number.isNaN(sampled)) return null
  if (typeof claims.iss !== 'string' || typeof from !== 'number' || typeof until !== 'number') return null
  const name = wordsIn(patient.name?.[0]?.text)
  if (!name) return null
  return {
    ...{ issuer: claims.iss, name, ending: wordsIn(patient.identifier?.[0]?.value).replace(/^＊/, '') },
    ...{ sampled, from: from * 1000, until: until * 1000, laboratory: wordsIn(observation.performer?.[0]?.display) },
  }
}

const wordsIn = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 120) : '')
