// What one page draws, the other reads: barcodes of boxes and codes of people, through the reader for browsers that have none.
import { expect, test } from 'vitest'
import { bars } from '../../../lib/code128'
import { codeText } from '../../../lib/person_code'
import { qrPicture } from '../../../lib/qr_picture'
import { readBars, readSquare, type Picture } from './plain_sight'
import { Once } from './sight'

interface Held {
  cell: number
  /** How it is tilted, in radians. */
  tilt?: number
  /** The grain of a dim light. */
  grain?: number
}

/** A drawing as a camera sees it: `dark` cells on white, on a grey desk, in the middle of the picture. */
function seen(width: number, height: number, columns: number, rows: number, dark: (x: number, y: number) => boolean, { cell, tilt = 0, grain = 0 }: Held): Picture {
  const data = new Uint8ClampedArray(width * height * 4)
  const [c, s] = [Math.cos(tilt), Math.sin(tilt)]
  let chance = 1
  const brightness = (x: number, y: number) => {
    const [u, v] = [(c * x + s * y) / cell + columns / 2, (-s * x + c * y) / cell + rows / 2]
    if (u < -10 || v < -4 || u >= columns + 10 || v >= rows + 4) return 140
    return u >= 0 && v >= 0 && u < columns && v < rows && dark(Math.floor(u), Math.floor(v)) ? 50 : 225
  }
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (const [dx, dy] of [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]] as const) sum += brightness(x + dx - width / 2, y + dy - height / 2)
      chance = (Math.imul(chance, 1103515245) + 12345) & 0x7fffffff
      const light = sum / 4 + (chance / 0x7fffffff - 0.5) * grain
      data.set([light, light, light, 255], (y * width + x) * 4)
    }
  return { width, height, data }
}

test('the barcode of a tube or a box is read as it was drawn, held a little askew and in a dim light too', () => {
  for (const text of ['T0000001', 'BOX-2022-0001', '1234567890123456789012']) {
    const { modules, bars: drawn } = bars(text)!
    const dark = new Set(drawn.flatMap((bar) => Array.from({ length: bar.width }, (_, at) => bar.at + at)))
    for (const held of [{ cell: 4 }, { cell: 4, tilt: 0.05 }, { cell: 4, grain: 20 }])
      expect(readBars(seen(1000, 160, modules, 100, (x) => dark.has(x), held)), `${text} ${JSON.stringify(held)}`).toBe(text)
  }
})

test('a person’s code is read as it was shown', () => {
  const text = codeText({ name: '欧阳小明', document: 'id_card', number: '140726199001010000', phone: '13900000000', born: '1990-01-01', holder: 'A'.repeat(22) })
  const { size, isDark } = qrPicture([{ text, mode: 'Byte' }], 'M')
  for (const held of [{ cell: 3 }, { cell: 4.3 }, { cell: 6 }, { cell: 4, tilt: 0.6 }, { cell: 4, tilt: 0.1, grain: 40 }])
    expect(readSquare(seen(480, 480, size, size, isDark, held)), JSON.stringify(held)).toBe(text)
})

test('nothing is read where nothing is', () => {
  const empty = seen(320, 240, 1, 1, () => false, { cell: 2, grain: 30 })
  expect([readSquare(empty), readBars(empty)]).toEqual([null, null])
})

test('what Code 128 cannot carry is not drawn', () => {
  expect(bars('箱子')).toBe(null)
})

test('the same code before the camera is told once, until it was away', () => {
  const once = new Once(2500)
  const told = (text: string, at: number) => once.take({ text, bars: false }, at)
  expect([0, 1000, 3000, 5000].map((at) => told('quell:1:a', at))).toEqual(['quell:1:a', null, null, null])
  expect(told('quell:1:b', 5100)).toBe('quell:1:b')
  expect(told('quell:1:b', 9000)).toBe('quell:1:b')
})

test('a barcode is told when it was read the same twice; a slip of the reader is not', () => {
  const once = new Once(2500, 2000)
  const told = (text: string, at: number) => once.take({ text, bars: true }, at)
  expect([told('T1', 0), told('T7', 150), told('T1', 300), told('T1', 450), told('T1', 600)]).toEqual([null, null, null, 'T1', null])
  expect([told('T2', 1000), told('T2', 9000), told('T2', 9100)]).toEqual([null, null, 'T2'])
})
