// Which laboratory somebody works in: from the address, or the one of last time, or the only one.

import { Load } from '../../lib/load.svelte'
import { live } from '../../lib/live.svelte'
import { filter, setFilters } from '../../lib/router.svelte'
import { testing, type Laboratory } from '../../lib/testing'

const KEY = 'quell.laboratory'

function remembered(): string {
  try {
    return localStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}

export class OwnLaboratory {
  /** Call while a component is being set up. */
  readonly list = new Load((stop) => {
    void live.revision
    return testing.laboratories(stop)
  })

  get all(): Laboratory[] {
    return this.list.value?.rows ?? []
  }

  /** Its id, which stays when the list is fetched again: what depends on it is not done anew. */
  readonly id = $derived(this.one?.id ?? null)

  get one(): Laboratory | null {
    const open = this.all.filter((one) => one.ended === null)
    const wanted = filter('laboratory') || remembered()
    return this.all.find((one) => one.id === wanted) ?? (open.length === 1 ? open[0]! : null)
  }

  choose(id: string) {
    try {
      localStorage.setItem(KEY, id)
    } catch {
      // The choice stands in the address.
    }
    setFilters({ laboratory: id || null })
  }
}
