// Passkeys in a real browser, with an authenticator of the browser's own making: made, used to come in, shown
// again.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, byName, firstRun, openPage, picture, signOut, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const why = missing()
if (why) console.log(`browser tests skipped: ${why}`)

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }

let server, named, browser, page, telephone

/** A telephone with a finger on it, as Chromium imagines one. */
async function holdAuthenticator(page) {
  const inside = await page.context().newCDPSession(page)
  await inside.send('WebAuthn.enable')
  const { authenticatorId } = await inside.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    credentials: async () =>
      (await inside.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    finger: (isUserVerified) =>
      inside.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  }
}

before(async () => {
  if (why) return
  server = await startServer()
  named = byName(server)
  browser = await startBrowser()
  page = await openPage(browser)
  telephone = await holdAuthenticator(page)
  await firstRun(page, named, ADMIN)
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test(
  'a passkey is made, and lets its owner in without login or password',
  { skip: why ?? false },
  async () => {
    await page.goto(`${named.address}/account`)
    await page.getByRole('heading', { name: 'Passkeys' }).waitFor()
    await page.getByText('There is none yet').waitFor()
    await page.fill('[name=passkey_name]', 'The duty telephone')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('The duty telephone', { exact: true }).waitFor()
    const [credential] = await telephone.credentials()
    assert.ok(credential.isResidentCredential, 'it finds its account by itself')
    assert.equal(credential.rpId, 'localhost')
    await assertSound(page, 'my account')
    await picture(page, 'account-passkeys')

    await signOut(page)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor()
    await assertSound(page, 'sign-in with its ways')
    await picture(page, 'sign-in-ways')
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.locator('nav').first().waitFor()
    const { signCount } = (await telephone.credentials())[0]
    assert.ok(signCount > credential.signCount, 'the authenticator has signed')
    assert.deepEqual(page.complaints, [])
  },
)

test(
  'where a fresh proof is asked for, the passkey gives it and the work goes on',
  { skip: why ?? false },
  async () => {
    // As after a quarter of an hour: the first try is told to prove it again.
    const told = { code: 'access.step_up', en: 'prove it', zh: '请验证', field: null }
    let proved = 0
    await page.route(
      '**/api/passkeys/ask',
      (route) => route.fulfill({ status: 403, contentType: 'application/json', body: JSON.stringify(told) }),
      { times: 1 },
    )
    page.on('response', (answer) => {
      if (answer.url().endsWith('/api/session/prove/passkey') && answer.ok()) proved += 1
    })
    await page.goto(`${named.address}/account`)
    await page.fill('[name=passkey_name]', 'A second one')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Show a passkey' }).waitFor()
    await picture(page, 'step-up-passkey')
    await dialog.getByRole('button', { name: 'Show a passkey' }).click()
    // The telephone holds a passkey of this account already, and says so: the request itself went through.
    await page.getByText('This device already holds a passkey').waitFor()
    assert.equal(proved, 1)
    page.complaints = []
  },
)

test(
  'a renamed passkey keeps its name, a removed one opens nothing',
  { skip: why ?? false },
  async () => {
    await page.goto(`${named.address}/account`)
    await page.getByRole('button', { name: 'Change The duty telephone' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('[name=name]').fill('An old telephone')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Change An old telephone' }).click()
    await dialog.getByRole('button', { name: 'Remove this passkey' }).click()
    await page.getByText('There is none yet').waitFor()
    await signOut(page)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('belongs to no account').waitFor()
    assert.equal(await page.locator('nav').count(), 0)
    page.complaints = []
  },
)

test(
  'at a bare number the page says where passkeys work',
  { skip: why ?? false },
  async () => {
    const other = await openPage(browser, { language: 'zh' })
    await other.goto(`${server.address}/`)
    await other.getByRole('link', { name: named.address }).waitFor()
    assert.equal(await other.getByRole('button', { name: '使用通行密钥登录' }).count(), 0)
    await assertSound(other, 'sign-in at a number')
    await other.context().close()
  },
)
