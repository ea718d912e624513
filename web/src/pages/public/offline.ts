// The pages for everybody that work without a connection are held by a worker of their own.

export function keepOffline() {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  // Where it cannot be held the page works as long as there is a network.
  navigator.serviceWorker.register('/public-worker.js', { scope: '/public/' }).catch(() => {})
}
