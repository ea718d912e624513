// The browser's side of passkeys: what the server asks, turned into what `navigator.credentials` takes, and
// back. Both speak base64url where the browser has bytes.

import { Failure } from './api'
import type { Ceremony } from './contract'

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer))
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** This browser could; whether this address may is another question (`here`). */
export function knowsPasskeys(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && isSecureContext
}

/** A new passkey on this device or on one that the browser reaches. */
export async function makePasskey({ ticket, options }: Ceremony) {
  const asked = options.publicKey
  const made = await person(() =>
    navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: asked.excludeCredentials?.map((one: any) => ({ ...one, id: bytes(one.id) })),
      },
    }),
  )
  const response = made.response as AuthenticatorAttestationResponse
  return {
    ticket,
    answer: {
      ...whole(made),
      response: {
        attestationObject: text(response.attestationObject),
        clientDataJSON: text(response.clientDataJSON),
      },
    },
  }
}

/** An answer with any passkey for this address. */
export async function showPasskey({ ticket, options }: Ceremony) {
  const asked = options.publicKey
  const shown = await person(() =>
    navigator.credentials.get({
      publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: [] },
    }),
  )
  const response = shown.response as AuthenticatorAssertionResponse
  return {
    ticket,
    answer: {
      ...whole(shown),
      response: {
        authenticatorData: text(response.authenticatorData),
        clientDataJSON: text(response.clientDataJSON),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : null,
      },
    },
  }
}

function whole(credential: PublicKeyCredential) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    extensions: credential.getClientExtensionResults(),
  }
}

/** The person may say no, be too late, or have this one already; the browser says little more than that. */
async function person(asks: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let given: Credential | null = null
  try {
    given = await asks()
  } catch (error) {
    if (error instanceof DOMException && error.name === 'InvalidStateError')
      throw new Failure(
        -1,
        'passkey.there_already',
        '该设备上已有此账号的通行密钥，请直接使用。',
        'This device already holds a passkey for this account; use that one.',
      )
    if (error instanceof DOMException && error.name === 'SecurityError')
      throw new Failure(
        -1,
        'passkey.address',
        '此地址不能使用通行密钥；请通过域名访问。',
        'Passkeys do not work at this address; open Quell by its name.',
      )
    if (!(error instanceof DOMException)) throw error
  }
  if (given) return given as PublicKeyCredential
  throw new Failure(
    -1,
    'passkey.not_shown',
    '未取得通行密钥；请重试，或使用其他方式。',
    'No passkey was shown; try again, or use another way.',
  )
}
