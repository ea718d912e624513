// A browser for tests: pages that record every complaint (a blocked style, a script error), pictures, and
// axe.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const pictures = fileURLToPath(new URL('./out', import.meta.url))

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function startBrowser() {
  const { chromium } = require('playwright-core')
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
}

/** A fresh visitor. `page.complaints` gathers console errors and script failures; a refused request that a
 * test provokes on purpose can be taken out again. `trusting` believes certificates nobody vouches for. */
export async function openPage(
  browser,
  { language = 'en', theme = 'light', width = 1366, height = 860, trusting = false } = {},
) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    acceptDownloads: true,
    ignoreHTTPSErrors: trusting,
  })
  const page = await context.newPage()
  await page.addInitScript(
    ([language, theme]) => {
      localStorage.setItem('quell.language', language)
      localStorage.setItem('quell.theme', theme)
      // What the page's own policy forbade, said so that the listener below hears it.
      addEventListener('securitypolicyviolation', (event) =>
        console.error(`policy: ${event.violatedDirective} forbade ${event.blockedURI}`),
      )
    },
    [language, theme],
  )
  page.complaints = []
  page.on('console', (message) => message.type() === 'error' && page.complaints.push(message.text()))
  page.on('pageerror', (error) => page.complaints.push(String(error)))
  page.setDefaultTimeout(10_000)
  return page
}

/** First run of a new server: makes the administrator and ends up signed in. */
export async function firstRun(page, server, { login, password, name }) {
  await page.goto(server.setup)
  await page.fill('[name=name]', name)
  await page.fill('[name=login]', login)
  await page.fill('[name=password]', password)
  await page.fill('[name=again]', password)
  await page.click('button[type=submit]')
  await page.locator('nav').first().waitFor()
}

export async function signIn(page, server, { login, password }) {
  await page.goto(`${server.address}/`)
  await page.fill('[name=login]', login)
  await page.fill('[name=password]', password)
  await page.click('button[type=submit]')
  await page.locator('nav').first().waitFor()
}

/** The same house by its name: no browser makes a passkey for a bare number. */
export function byName(server) {
  const named = (address) => address?.replace('//127.0.0.1:', '//localhost:')
  return { ...server, address: named(server.address), setup: named(server.setup) }
}

/** Ends the session and stands at the sign-in page. */
export async function signOut(page) {
  await page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/state')).json()
    await fetch('/api/session', { method: 'DELETE', headers: { 'x-quell-csrf': csrf } })
  })
  await page.goto(new URL('/', page.url()).href)
}

/** Sends a change as the person signed in on `page`. */
export async function sendChange(page, name, body) {
  return page.evaluate(
    async ([name, body]) => {
      const { csrf } = await (await fetch('/api/state')).json()
      const answer = await fetch(`/api/changes/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-quell-csrf': csrf },
        body: JSON.stringify(body),
      })
      const said = await answer.json()
      if (!answer.ok) throw new Error(`${name}: ${answer.status} ${said.en}`)
      return said.out
    },
    [name, body],
  )
}

/** An id as the page makes them: prefix and 128 random bits in Crockford base32. */
export function makeId(prefix) {
  const letters = '0123456789abcdefghjkmnpqrstvwxyz'
  const bytes = crypto.getRandomValues(new Uint8Array(26))
  return `${prefix}_${[...bytes].map((byte, at) => letters[byte % (at === 0 ? 8 : 32)]).join('')}`
}

/** Keeps a picture for a person to look at. */
export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}

/** No complaint of axe about WCAG 2.2 A and AA, none of the browser about policy or scripts, nothing cut off
 * sideways. */
export async function assertSound(page, name, { withoutNetwork = false } = {}) {
  // From the top: further down, what has gone under the bar that stays is small where it looks out.
  await page.evaluate(() => scrollTo(0, 0))
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'))
  const { violations } = await page.evaluate(() =>
    axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }),
  )
  const told = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 4)
        .map((node) => node.html)
        .join(' | ')}`,
  )
  assert.deepEqual(told, [], `${name}: axe`)
  // Asked for after axe has read the page: what waits to be sent is tried again while it reads.
  if (withoutNetwork) page.complaints = page.complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED'))
  assert.deepEqual(page.complaints, [], `${name}: the browser complained`)
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(over <= 0, `${name}: ${over} px too wide`)
}

/** Without a network the browser says of each request that there is none; anything else is a complaint. */
export const assertSoundOffline = (page, name) => assertSound(page, name, { withoutNetwork: true })

/** What lies in a store of the phone, as bytes without their key. */
export const onDisk = (page, store) =>
  page.evaluate(
    (store) =>
      new Promise((done, failed) => {
        const asked = indexedDB.open(store)
        asked.onerror = () => failed(asked.error)
        asked.onsuccess = () => {
          const rows = asked.result.transaction('rows').objectStore('rows').getAll()
          rows.onsuccess = () => {
            asked.result.close()
            done(rows.result.map((row) => `${row.id} ${row.account} ${new TextDecoder('latin1').decode(row.sealed)}`).join('\n'))
          }
        }
      }),
    store,
  )
