// Where the reader is: path and query of the address bar, as state. Filters live in the query, so a view can
// be sent to a colleague as a link and the back button undoes a filter.

const here = $state({ path: location.pathname, query: location.search })

addEventListener('popstate', () => {
  here.path = location.pathname
  here.query = location.search
})

/** Filters that follow the reader from page to page. */
const CARRIED = ['event', 'territory', 'from', 'to']

export const route = {
  get path() {
    return here.path
  },
  get query(): URLSearchParams {
    return new URLSearchParams(here.query)
  },
}

/** The value of a filter, '' when it is not set. */
export function filter(name: string): string {
  return new URLSearchParams(here.query).get(name) ?? ''
}

export function go(address: string, replace = false) {
  history[replace ? 'replaceState' : 'pushState'](null, '', address)
  here.path = location.pathname
  here.query = location.search
}

/** Sets some filters of this page ('' or null takes one away). `replace` for typing, so that back is one
 * step. */
export function setFilters(changes: Record<string, string | null>, replace = false) {
  go(here.path + queryText(changes), replace)
}

function queryText(changes: Record<string, string | null>, kept = new URLSearchParams(here.query)): string {
  for (const [name, value] of Object.entries(changes)) {
    if (value) kept.set(name, value)
    else kept.delete(name)
  }
  const text = kept.toString()
  // Slashes in a territory path are legal in a query; a readable address is worth keeping them.
  return text ? `?${text.replaceAll('%2F', '/')}` : ''
}

/** An address that carries the event, territory and date filters along; `changes` may set or drop some. */
export function to(path: string, changes: Record<string, string | null> = {}): string {
  const kept = new URLSearchParams()
  const now = new URLSearchParams(here.query)
  for (const name of CARRIED) if (now.get(name)) kept.set(name, now.get(name)!)
  return path + queryText(changes, kept)
}

const inField = (path: string) => path.startsWith('/field/')
const scans = (path: string): boolean => inField(path) || path === '/public/check'

/** Lets ordinary `<a href>` links move inside the app; a new tab, a download or another site stay the
 * browser's. */
export function followLinks(event: MouseEvent) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
  const link = (event.target as Element | null)?.closest('a')
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
  if (link.pathname.startsWith('/api/') || link.getAttribute('href')?.startsWith('#')) return
  // A page that scans is fetched as one of its own: so it is lent the camera, and the worker that holds it is its worker.
  if (scans(link.pathname) !== scans(location.pathname)) return
  event.preventDefault()
  go(link.pathname + link.search)
}

/** `/cases/:id` against `/cases/case_1` gives `{id: 'case_1'}`; null when it does not match. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const [wanted, found] = [pattern.split('/'), path.replace(/(.)\/$/, '$1').split('/')]
  if (wanted.length !== found.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(found[index]!)
    else if (part !== found[index]) return null
  }
  return params
}
