// Whoever works at a desk in the cold looks at people, not at the screen: taken sounds and shakes shortly, a question long.

let context: AudioContext | null = null

function tone(pitch: number, seconds: number) {
  try {
    context ??= new AudioContext()
    const [voice, volume] = [context.createOscillator(), context.createGain()]
    voice.frequency.value = pitch
    volume.gain.value = 0.2
    voice.connect(volume).connect(context.destination)
    voice.start()
    voice.stop(context.currentTime + seconds)
  } catch {
    // Silent, then.
  }
}

export function signal(kind: 'taken' | 'full' | 'question') {
  if (kind === 'taken') tone(1040, 0.08)
  else if (kind === 'full') tone(1320, 0.3)
  else tone(220, 0.45)
  navigator.vibrate?.(kind === 'taken' ? 40 : kind === 'full' ? [60, 60, 60] : 350)
}
