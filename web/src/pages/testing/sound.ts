// A tone for hands that do not look at the screen: high and short is good, two low ones ask, one long low one refuses.

import type { Tone } from './receiving'

const KEY = 'quell.bench.sound'
let context: AudioContext | null = null

export function soundsOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off'
  } catch {
    return true
  }
}

export function switchSounds(on: boolean) {
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off')
  } catch {
    // The choice lasts as long as the page.
  }
}

/** Hertz, when it begins and how long it lasts, in seconds. */
const TONES: Record<Tone, [number, number, number][]> = {
  good: [[1320, 0, 0.07]],
  doubt: [
    [440, 0, 0.1],
    [440, 0.16, 0.1],
  ],
  bad: [[180, 0, 0.45]],
}
const LOUD = 0.2

export function sound(tone: Tone) {
  if (!soundsOn() || typeof AudioContext === 'undefined') return
  try {
    context ??= new AudioContext()
    const now = context.currentTime
    for (const [hertz, after, lasts] of TONES[tone]) {
      const wave = context.createOscillator()
      const gain = context.createGain()
      wave.type = 'square'
      wave.frequency.value = hertz
      gain.gain.setValueAtTime(LOUD, now + after)
      gain.gain.exponentialRampToValueAtTime(0.001, now + after + lasts)
      wave.connect(gain).connect(context.destination)
      wave.start(now + after)
      wave.stop(now + after + lasts)
    }
  } catch {
    // No loudspeaker: the colour and the words say the same.
  }
}
