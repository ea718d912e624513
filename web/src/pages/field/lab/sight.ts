// What the camera sees, as text: Code 128 and QR. By the browser where it can, else by libraries that are fetched only then
// (and held by the service worker, so that they are there without a connection).

/** `bars`: of a linear code, whose check digit lets one wrong reading in a hundred pass. */
export interface Seen {
  text: string
  bars: boolean
}

export interface Sight {
  read(video: HTMLVideoElement): Promise<Seen | null>
}

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string; format: string }[]>
}
interface DetectorKind {
  new (options: { formats: string[] }): Detector
  getSupportedFormats(): Promise<string[]>
}

const FORMATS = ['qr_code', 'code_128']

export async function openSight(): Promise<Sight> {
  const kind = (globalThis as { BarcodeDetector?: DetectorKind }).BarcodeDetector
  try {
    const able = kind ? await kind.getSupportedFormats() : []
    if (kind && FORMATS.every((format) => able.includes(format))) {
      const detector = new kind({ formats: FORMATS })
      return { read: async (video) => first(await detector.detect(video)) }
    }
  } catch {
    // It says it can and cannot: the libraries do it.
  }
  return (await import('./plain_sight')).plainSight()
}

function first([found]: { rawValue: string; format: string }[]): Seen | null {
  return found ? { text: found.rawValue, bars: found.format !== 'qr_code' } : null
}

/** A code before the camera is told once, and a barcode only when it was read the same twice: a tube under a wrong number is
 * worse than one read a moment later. */
export class Once {
  #told = ''
  #quietUntil = 0
  #bars = ''
  #barsUntil = 0

  constructor(
    private readonly quietMs = 2500,
    private readonly againMs = 2000,
  ) {}

  /** The text, when it is to be told now. */
  take({ text, bars }: Seen, now: number): string | null {
    if (text === this.#told && now < this.#quietUntil) {
      this.#quietUntil = now + this.quietMs
      return null
    }
    if (bars && !(text === this.#bars && now < this.#barsUntil)) {
      this.#bars = text
      this.#barsUntil = now + this.againMs
      return null
    }
    this.#bars = ''
    this.#told = text
    this.#quietUntil = now + this.quietMs
    return text
  }
}
