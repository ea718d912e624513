// A text as the cells of a QR picture, part by part in the mode that suits it. Nothing here draws.

import qrcode from 'qrcode-generator'

export interface Part {
  text: string
  mode: 'Byte' | 'Numeric'
}

/** `M` bears a scratched screen; `L` is the coarser picture of a long text. */
export interface QrPicture {
  size: number
  isDark: (x: number, y: number) => boolean
}

// Readers take bytes for UTF-8; the library's own guess is one byte a letter.
qrcode.stringToBytes = (text: string) => [...new TextEncoder().encode(text)]

export function qrPicture(parts: Part[], level: 'L' | 'M'): QrPicture {
  const qr = qrcode(0, level)
  for (const { text, mode } of parts) qr.addData(text, mode)
  qr.make()
  return { size: qr.getModuleCount(), isDark: (x, y) => qr.isDark(y, x) }
}

/** The dark cells as the path of a drawing, that far from its edge. */
export function qrPath({ size, isDark }: QrPicture, border: number): string {
  let path = ''
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (isDark(x, y)) path += `M${x + border} ${y + border}h1v1h-1z`
  return path
}
