// What is told to another territory is not heard here: while an answer is awaited from there the page asks again every half
// minute, and at once when somebody comes back to it. A page that nobody looks at asks nothing.

const EVERY_MS = 30_000

export class AskedAgain {
  /** Goes up each time; read it where something is fetched. */
  turn = $state(0)

  /** Call while a component is being set up. */
  constructor(awaited: () => boolean) {
    // A list that came back the same is another object, and starts no new half minute.
    const waits = $derived(awaited())
    $effect(() => {
      if (!waits) return
      const ask = () => {
        if (document.visibilityState === 'visible') this.turn += 1
      }
      const beat = setInterval(ask, EVERY_MS)
      addEventListener('focus', ask)
      document.addEventListener('visibilitychange', ask)
      return () => {
        clearInterval(beat)
        removeEventListener('focus', ask)
        document.removeEventListener('visibilitychange', ask)
      }
    })
  }
}
