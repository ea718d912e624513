// Light, dark, or as the system says.

export type Theme = 'light' | 'dark'

const KEY = 'quell.theme'
const system = matchMedia('(prefers-color-scheme: dark)')

function kept(): Theme | null {
  try {
    const text = localStorage.getItem(KEY)
    return text === 'light' || text === 'dark' ? text : null
  } catch {
    return null
  }
}

const state = $state<{ chosen: Theme | null; system: Theme }>({
  chosen: kept(),
  system: system.matches ? 'dark' : 'light',
})

system.addEventListener('change', () => {
  state.system = system.matches ? 'dark' : 'light'
  paint()
})

export function theme(): Theme {
  return state.chosen ?? state.system
}

export function setTheme(next: Theme) {
  state.chosen = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // The choice lasts for this visit only.
  }
  paint()
}

export function paint() {
  document.documentElement.dataset.theme = theme()
}
