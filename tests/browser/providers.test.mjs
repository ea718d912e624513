// Sign-in through a real OpenID Connect provider (oidc-provider), run here for the length of the test.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, before, test } from 'node:test'
import { assertSound, byName, firstRun, openPage, picture, signOut, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const why = missing()
if (why) console.log(`browser tests skipped: ${why}`)

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const SECRET = 'a secret of invented words'

let provider, folder, server, named, browser, page

/** A certificate that only `ca_file` vouches for. */
function certificate() {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const asked = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const about = ['-subj', '/CN=an invented institute', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = spawnSync('openssl', [...asked, ...about, '-addext', 'basicConstraints=critical,CA:FALSE', '-keyout', key, '-out', cert])
  assert.equal(made.status, 0, `certificates are made with openssl: ${made.error ?? made.stderr}`)
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

/** The provider needs to know Quell's address and Quell the provider's, so its socket opens first. */
async function openSocket() {
  const http = createServer(certificate())
  await new Promise((ready) => http.listen(0, '127.0.0.1', ready))
  return { http, issuer: `https://127.0.0.1:${http.address().port}` }
}

async function answerAt({ http, issuer }, address) {
  const require = createRequire(new URL('../../web/package.json', import.meta.url))
  const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href)
  const real = new Provider(issuer, {
    clients: [
      {
        client_id: 'quell',
        client_secret: SECRET,
        redirect_uris: [`${address}/provider/institute`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: ['a key of invented words'] },
    pkce: { required: () => true },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  })
  http.on('request', real.callback())
}

before(async () => {
  if (why) return
  folder = mkdtempSync(join(tmpdir(), 'quell-provider-'))
  provider = await openSocket()
  writeFileSync(join(folder, 'institute.secret'), SECRET, { mode: 0o600 })
  const book = join(folder, 'providers.toml')
  writeFileSync(
    book,
    `[[provider]]
id = "institute"
zh = "研究所"
en = "Institute"
issuer = "${provider.issuer}"
client_id = "quell"
client_secret_file = "institute.secret"
ca_file = "cert.pem"

[[provider]]
id = "unvouched"
zh = "无人担保"
en = "Nobody vouches for"
issuer = "${provider.issuer}"
client_id = "quell"
`,
  )
  server = await startServer('--providers', book)
  named = byName(server)
  await answerAt(provider, named.address)
  browser = await startBrowser()
  page = await openPage(browser, { trusting: true })
  await firstRun(page, named, ADMIN)
})

after(async () => {
  await browser?.close()
  await server?.stop()
  provider?.http.closeAllConnections()
  provider?.http.close()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

/** At the provider's own pages: who one is, and that Quell may know it. */
async function showOneselfAs(login) {
  await page.waitForURL(`${provider.issuer}/**`)
  await page.fill('[name=login]', login)
  await page.fill('[name=password]', 'anything will do there')
  await page.click('button[type=submit]')
  await page.waitForURL((url) => url.origin === named.address || url.pathname.startsWith('/interaction/'))
  while (new URL(page.url()).origin === provider.issuer) {
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${named.address}/**`)
  }
}

test('somebody links their account to themselves at the provider', { skip: why ?? false }, async () => {
  await page.goto(`${named.address}/account`)
  await page.getByRole('button', { name: 'Link with Institute' }).click()
  await showOneselfAs('p-7')
  await page.getByText('p-7', { exact: true }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/account', 'back where they were')
  page.complaints = []
  await assertSound(page, 'my account, linked')
  await picture(page, 'account-providers')
})

test('and comes in by it, with a code that does not stay in the address', { skip: why ?? false }, async () => {
  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with Institute' }).waitFor()
  await assertSound(page, 'sign-in with a provider')
  await picture(page, 'sign-in-provider')
  await page.getByRole('button', { name: 'Sign in with Institute' }).click()
  await showOneselfAs('p-7')
  await page.locator('nav').first().waitFor()
  assert.equal(new URL(page.url()).search, '')
  const cookies = await page.context().cookies(named.address)
  const own = cookies.filter((cookie) => cookie.name.startsWith('quell'))
  assert.ok(own.length >= 2 && own.every((cookie) => cookie.sameSite === 'Strict' && cookie.httpOnly))
})

test('a person nobody linked is told their number and stays outside', { skip: why ?? false }, async () => {
  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with Institute' }).click()
  await showOneselfAs('p-8')
  await page.getByText('your number at the provider: p-8').waitFor()
  page.complaints = []
  await assertSound(page, 'not linked')
  await picture(page, 'provider-unknown')
  await page.getByRole('link', { name: 'Back to the sign-in page' }).click()
  await page.locator('[name=password]').waitFor()
})

test('a code brought by another browser is worth nothing there', { skip: why ?? false }, async () => {
  await page.goto(`${named.address}/`)
  // The attacker goes to the provider and keeps what came back instead of using it.
  let caught = ''
  page.on('request', (request) => {
    if (request.url().startsWith(`${named.address}/provider/institute?`)) caught = request.url()
  })
  await page.route('**/api/providers/institute/back', (route) => route.abort())
  await page.getByRole('button', { name: 'Sign in with Institute' }).click()
  await showOneselfAs('p-7')
  await page.getByText('The server did not answer').waitFor()
  assert.match(caught, /[?&]code=/)
  const victim = await openPage(browser)
  await victim.goto(caught)
  await victim.getByText('was not begun in this browser').waitFor()
  const state = await victim.evaluate(async () => (await fetch('/api/state')).json())
  assert.equal(state.account, null)
  await victim.context().close()
})

test('a provider for whose certificate nobody vouches is not talked with', { skip: why ?? false }, async () => {
  const other = await openPage(browser, { trusting: true })
  await other.goto(`${named.address}/`)
  await other.getByRole('button', { name: 'Sign in with Nobody vouches for' }).click()
  await other.getByText('the provider does not answer').waitFor()
  assert.equal(new URL(other.url()).origin, named.address)
  await other.context().close()
})
