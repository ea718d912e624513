// Ids are made by whoever asks for the change, so that sending the same change twice does it once.

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'

/** `prefix_` and 128 random bits as 26 Crockford base32 letters (the first carries only three bits: 0 to 7).
 * */
export function makeId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  let text = ''
  for (let place = 0; place < 26; place++) {
    text = CROCKFORD[Number(value & 31n)] + text
    value >>= 5n
  }
  return `${prefix}_${text}`
}
