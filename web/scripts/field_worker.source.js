// Opens its pages without a connection. Made by the build from scripts/field_worker.source.js.
const FAMILY = 'quell-' + 'NAME' + '-'
const HELD = FAMILY + 'VERSION'
const SHELL = 'SHELL_PATH'
/** None: whatever is below its scope. */
const PATHS = ['PATHS']
const HELD_FILES = ['FILES']

/** A page that has not come by then is opened from what is held: a bad connection is worse than none. */
const PATIENCE_MS = 3000

addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const held = await caches.open(HELD)
      // Past the browser's own cache, so that page and files are of one version.
      await held.addAll([SHELL, '/mark.svg', ...HELD_FILES].map((url) => new Request(url, { cache: 'reload' })))
      await skipWaiting()
    })(),
  )
})

addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith(FAMILY) && name !== HELD) await caches.delete(name)
      await clients.claim()
    })(),
  )
})

addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return
  if (event.request.mode === 'navigate') {
    if (PATHS.length === 0 || PATHS.includes(url.pathname)) event.respondWith(page(event.request))
  } else if (url.pathname.startsWith('/assets/') || url.pathname === '/mark.svg') event.respondWith(file(event.request))
})

async function page(request) {
  const held = await caches.match(SHELL, { cacheName: HELD })
  if (!held) return fetch(request)
  const fresh = fetch(request).catch(() => null)
  const late = new Promise((done) => setTimeout(() => done(null), PATIENCE_MS))
  const answer = await Promise.race([fresh, late])
  return answer && answer.ok ? answer : held
}

/** The name of a built file carries a hash of its content: what is held is right. */
async function file(request) {
  return (await caches.match(request, { cacheName: HELD })) ?? fetch(request)
}
