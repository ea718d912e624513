// The code a person carries: who they are, as a text that fits into a QR picture, made and shown without any server.
//
// `holder` is a secret of the person's own. Whoever reads the code at a sampling site sends on only its mark (SHA-256): so the
// result can later be asked for by whoever holds the code, and by nobody who merely knows a name and a number.

const START = 'quell:1:'

export type Document = 'id_card' | 'passport' | 'other' | 'guardian' | 'none'
export const DOCUMENTS: Document[] = ['id_card', 'passport', 'other', 'guardian', 'none']

export interface OwnCode {
  name: string
  document: Document
  number: string
  phone: string
  /** A day, or '' when it is not told. */
  born: string
  holder: string
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

export function base64url(bytes: Uint8Array): string {
  let letters = ''
  for (const byte of bytes) letters += String.fromCharCode(byte)
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function fromBase64url(text: string): Uint8Array {
  const letters = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
}

export function codeText({ name, document, number, phone, born, holder }: OwnCode): string {
  return START + base64url(bytesOf(JSON.stringify({ name, document, number, phone, born: born || null, holder })))
}

/** What a scanned text says of its bearer. `newer`: a code of a later kind, for a page of its day. Null: no person's code. */
export function readCode(text: string): OwnCode | 'newer' | null {
  const plain = text.trim()
  if (!plain.startsWith(START)) return /^quell:\d+:/.test(plain) ? 'newer' : null
  try {
    const said: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64url(plain.slice(START.length))))
    if (typeof said !== 'object' || said === null) return null
    const words = (key: string, most: number) => {
      const value = (said as Record<string, unknown>)[key]
      return typeof value === 'string' ? value.trim().slice(0, most) : ''
    }
    const document = DOCUMENTS.find((one) => one === words('document', 20))
    const code: OwnCode = {
      name: words('name', 100),
      document: document ?? 'other',
      number: words('number', 40).toUpperCase(),
      phone: words('phone', 30),
      born: words('born', 10),
      holder: words('holder', 100),
    }
    return code.name || code.number ? code : null
  } catch {
    return null
  }
}

/** 128 bits nobody can guess, as 22 letters. */
export const makeHolder = () => base64url(crypto.getRandomValues(new Uint8Array(16)))

/** What a sampling site keeps of the secret: the SHA-256 of its letters. */
export async function holderMark(secret: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(secret))))
}
