// Reading codes where the browser has no detector of its own: the square ones by `qr`, barcodes by `lib/code128_reader.ts`.

import decodeQr from 'qr/decode.js'
import { readCode128 } from '../../../lib/code128_reader'
import type { Seen, Sight } from './sight'

/** Enough for a code of a person that fills half of the picture. */
const SQUARE = 640
/** Of the middle of the picture, where a barcode is held; bars need every point the camera has. */
const STRIP = 200
/** Rows of bars are averaged: what a dim light adds to each goes. */
const ROWS = 5

export interface Picture {
  width: number
  height: number
  data: Uint8ClampedArray
}

export function readSquare(picture: Picture): string | null {
  try {
    return decodeQr(picture)
  } catch {
    // None there, or not sharp: the next picture comes in a moment.
    return null
  }
}

export function readBars({ width, height, data }: Picture): string | null {
  const light = new Float32Array(width * height)
  for (let at = 0; at < light.length; at++) light[at] = (data[at * 4]! * 77 + data[at * 4 + 1]! * 150 + data[at * 4 + 2]! * 29) / 256
  const ink = inkOf(evened(light, width, height), width, height)
  // From the middle outwards: that is where it is held.
  for (let step = 0; step < height; step += ROWS) {
    const y = (height >> 1) + (step % (2 * ROWS) ? -1 : 1) * Math.ceil(step / 2)
    const text = y >= 0 && y < height ? readCode128(ink.subarray(y * width, (y + 1) * width)) : null
    if (text !== null) return text
  }
  return null
}

function evened(light: Float32Array, width: number, height: number): Float32Array {
  const even = new Float32Array(light.length)
  for (let y = 0; y < height; y++) {
    const [from, to] = [Math.max(0, y - (ROWS >> 1)), Math.min(height - 1, y + (ROWS >> 1))]
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let row = from; row <= to; row++) sum += light[row * width + x]!
      even[y * width + x] = sum / (to - from + 1)
    }
  }
  return even
}

/** 1 where it is darker than what is beside it in the row (Bradley and Roth 2007, "Adaptive thresholding using the integral
 * image"): a grey desk is not ink, nor is the shadow of a hand. */
function inkOf(light: Float32Array, width: number, height: number): Uint8Array {
  const ink = new Uint8Array(light.length)
  const reach = Math.max(8, Math.round(width / 20))
  const sums = new Float64Array(width + 1)
  for (let y = 0; y < height; y++) {
    const row = y * width
    for (let x = 0; x < width; x++) sums[x + 1] = sums[x]! + light[row + x]!
    for (let x = 0; x < width; x++) {
      const [from, to] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)]
      ink[row + x] = light[row + x]! * (to - from) < (sums[to]! - sums[from]!) * 0.9 ? 1 : 0
    }
  }
  return ink
}

export function plainSight(): Sight {
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  let squares = false

  function part(video: HTMLVideoElement, wide: number, high: number, scale: number): Picture {
    canvas.width = Math.round(wide * scale)
    canvas.height = Math.round(high * scale)
    const [x, y] = [(video.videoWidth - wide) / 2, (video.videoHeight - high) / 2]
    pen!.drawImage(video, x, y, wide, high, 0, 0, canvas.width, canvas.height)
    return pen!.getImageData(0, 0, canvas.width, canvas.height)
  }

  function read(video: HTMLVideoElement): Seen | null {
    const { videoWidth: width, videoHeight: height } = video
    if (!pen || width === 0) return null
    // In turns, so that a slow phone shows a moving picture between them.
    squares = !squares
    if (squares) {
      const text = readSquare(part(video, width, height, Math.min(1, SQUARE / Math.max(width, height))))
      return text === null ? null : { text, bars: false }
    }
    const text = readBars(part(video, width, Math.min(height, STRIP), 1))
    return text === null ? null : { text, bars: true }
  }

  return { read: async (video) => read(video) }
}
