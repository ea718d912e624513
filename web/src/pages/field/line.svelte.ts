// What every page of a phone without a network needs: one window at work, and another try when there may be a network.

import { untrack } from 'svelte'

/** How often what waits is tried again while the page is open. */
const AGAIN_MS = 15_000

export interface Line {
  online: boolean
  /** Open in another window of this phone. */
  elsewhere: boolean
}

/** Called while a component is made. `sync(true)`: at once, whatever was heard a moment ago. */
export function keepLine(name: string, start: () => Promise<void>, sync: (hurry?: boolean) => Promise<void>): Line {
  const line = $state<Line>({ online: navigator.onLine, elsewhere: false })

  $effect(() => {
    let release = () => {}
    untrack(() => {
      const run = async () => {
        await start()
        await sync(true)
      }
      if (!navigator.locks) return void run()
      void navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
        if (!lock) return void (line.elsewhere = true)
        await run()
        await new Promise<void>((done) => (release = done))
      })
    })
    return () => release()
  })

  $effect(() => {
    const back = () => {
      line.online = true
      void sync(true)
    }
    const gone = () => (line.online = false)
    const seen = () => document.visibilityState === 'visible' && void sync(true)
    addEventListener('online', back)
    addEventListener('offline', gone)
    document.addEventListener('visibilitychange', seen)
    const again = setInterval(() => void sync(), AGAIN_MS)
    return () => {
      removeEventListener('online', back)
      removeEventListener('offline', gone)
      document.removeEventListener('visibilitychange', seen)
      clearInterval(again)
    }
  })
  return line
}
