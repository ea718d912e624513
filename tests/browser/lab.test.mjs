// The desk of a sampler: thirty people in three tubes where there is no network, by their own code, by number and from paper;
// a box counted by two; everything there once when the network is back. And the code a person makes, of which nobody hears.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { assertSound, assertSoundOffline, firstRun, makeId, onDisk, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const skip = missing() ?? false

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const LI = { login: 'li', name: 'Li Invented', password: 'a kettle sings at dawn' }
const SUN = { login: 'sun', name: 'Sun Invented', password: 'four lanterns over the ford' }
const TAIGU = '14/1407/140703'
const POST = 'Bell Street school'

let server, browser, li, sun, round, ownCode

const codeOf = (n) =>
  `quell:1:${Buffer.from(
    JSON.stringify({ name: `Invented Code ${n}`, document: 'passport', number: `E${10_000_000 + n}`, phone: '13900000000', born: null, holder: `secret-${n}` }),
  ).toString('base64url')}`

/** A text and Enter, as a reader that types sends it. */
async function scan(page, text) {
  await page.locator('#lab-tube, #lab-code').fill(text)
  await page.keyboard.press('Enter')
}

const figure = (page, n) => page.locator('.figures b', { hasText: new RegExp(`^${n}$`) }).waitFor()
const way = (page, name) => page.getByRole('radio', { name, exact: true }).check()
const part = (page, name) => page.locator('main nav').getByRole('button', { name }).click()

before(async () => {
  if (skip) return
  server = await startServer()
  browser = await startBrowser()
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  for (const [who, role] of [[LI, 'epidemiologist'], [SUN, 'field']])
    await sendChange(admin, 'create-account', { id: makeId('change'), account: makeId('account'), ...who, role, territory: TAIGU, organisation: 'CDC' })
  await admin.context().close()
  li = await openPage(browser)
  await signIn(li, server, LI)
  sun = await openPage(browser, { width: 360, height: 740 })
  await signIn(sun, server, SUN)
  const campaign = makeId('campaign')
  round = makeId('round')
  const change = (name, body) => sendChange(li, name, { id: makeId('change'), campaign, ...body })
  await change('plan-campaign', { territory: TAIGU, name: 'Everybody in Taigu', disease: 'covid-19-delta', ordered: 'Invented order 3' })
  const zone = { territory: TAIGU, class: 'precaution', population: 296_000, pool_size: 10 }
  await change('open-round', { round, opens: Date.now() - 3_600_000, deadline: Date.now() + 72_000_000, coverage_target: 0.98, zones: [zone] })
  await change('open-post', { post: makeId('post'), territory: TAIGU, name: POST, desks: 2, pool_size: 10 })
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('a person makes their own code, and nobody hears of it', { skip }, async () => {
  const person = await openPage(browser, { width: 360, height: 740 })
  const asked = []
  person.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await person.goto(`${server.address}/public/code`)
  await person.getByLabel('Name').fill('Invented Wang')
  await person.getByLabel('Document').selectOption('passport')
  await person.getByLabel('Number').fill('e7654321')
  await assertSound(person, 'own-code-form')
  await person.getByRole('button', { name: 'Make my code' }).click()
  const drawn = person.getByRole('img', { name: 'Code of Invented Wang' })
  await drawn.waitFor()
  await assertSound(person, 'own-code')
  await picture(person, 'own-code')
  ownCode = await read(drawn)
  const { holder, ...rest } = JSON.parse(Buffer.from(ownCode.replace('quell:1:', ''), 'base64url').toString())
  assert.deepEqual(rest, { name: 'Invented Wang', document: 'passport', number: 'E7654321', phone: '', born: null })
  assert.match(holder, /^[A-Za-z0-9_-]{22}$/)
  assert.deepEqual(asked.filter((path) => path.startsWith('/api/')), [], 'nothing was asked of the server')
  await person.getByRole('button', { name: 'Delete', exact: true }).click()
  await person.getByRole('button', { name: 'All of them' }).click()
  await person.getByText('Deleted; nothing is left on this phone.').waitFor()
  assert.equal(await person.evaluate(() => localStorage.getItem('quell.public.code')), null)
  await person.context().close()
})

/** The text of a code drawn cell by cell. */
async function read(drawn) {
  const size = Number((await drawn.getAttribute('viewBox')).split(' ').at(-1))
  const dark = await drawn.locator('path').getAttribute('d')
  const [cell, margin] = [4, 4]
  const width = (size + 2 * margin) * cell
  const data = new Uint8ClampedArray(width * width * 4).fill(255)
  for (const [, x, y] of dark.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let dy = 0; dy < cell; dy++)
      for (let dx = 0; dx < cell; dx++) {
        const at = (((Number(y) + margin) * cell + dy) * width + (Number(x) + margin) * cell + dx) * 4
        data.fill(0, at, at + 3)
      }
  const { default: decode } = await import(require.resolve('qr/decode.js'))
  return decode({ width, height: width, data })
}

test('the post is chosen once, with a network', { skip }, async () => {
  await sun.goto(`${server.address}/field/lab`)
  await sun.getByRole('button', { name: new RegExp(POST) }).click()
  await sun.getByText('Scan the next tube').waitFor()
  await assertSound(sun, 'lab-desk')
  await sun.evaluate(() => navigator.serviceWorker.ready.then(() => true))
  await sun.reload()
  await sun.locator('#lab-tube').waitFor()
})

test('thirty people in three tubes without a network', { skip }, async () => {
  await sun.context().setOffline(true)
  await sun.reload()
  await sun.locator('#lab-tube').waitFor()

  await scan(sun, 'tg-000001')
  await figure(sun, 0)
  await scan(sun, ownCode)
  for (let n = 1; n < 10; n++) {
    await figure(sun, n)
    await scan(sun, codeOf(n))
  }
  await sun.getByText('TG-000001 is full with 10 and closed').waitFor()

  await scan(sun, 'TG-000002')
  await way(sun, 'number')
  for (let n = 1; n <= 10; n++) {
    await sun.getByLabel('Number', { exact: true }).fill(`P${2_000_000 + n}`)
    await sun.keyboard.press('Enter')
    await sun.getByLabel('Name').fill(`Invented Number ${n}`)
    await sun.keyboard.press('Enter')
    if (n < 10) await figure(sun, n)
    if (n === 3) {
      await assertSoundOffline(sun, 'lab-number')
      await picture(sun, 'lab-number')
    }
  }
  await sun.getByText('TG-000002 is full with 10 and closed').waitFor()

  await scan(sun, 'TG-000003')
  await way(sun, 'paper')
  await sun.getByLabel('Sheet number').fill('A12')
  for (let n = 1; n <= 10; n++) await sun.getByRole('button', { name: `Line ${n} into the tube` }).click()
  await sun.getByText('TG-000003 is full with 10 and closed').waitFor()
  assert.doesNotMatch(await onDisk(sun, 'quell.lab'), /Invented|P2000001|E1000|A12/, 'names lie sealed on the phone')
})

test('the same person is asked about, and what was done is undone', { skip }, async () => {
  await scan(sun, 'TG-000004')
  await way(sun, 'own code')
  await scan(sun, codeOf(3))
  await sun.getByText(/Invented Code 3 was registered today at \d\d:\d\d in tube TG-000001/).waitFor()
  await sun.getByRole('button', { name: 'Do not sample again' }).click()
  await scan(sun, codeOf(77))
  await figure(sun, 1)
  await sun.getByRole('button', { name: 'Undo: Invented Code 77' }).click()
  await figure(sun, 0)
  await way(sun, 'number')
  await sun.getByLabel('Number', { exact: true }).fill('110105194912310021')
  await sun.getByLabel('Name').fill('Invented Slip')
  await sun.keyboard.press('Enter')
  await sun.getByText('The last digit does not fit the others').waitFor()
  await figure(sun, 0)
})

test('a box is closed and handed over by two counts', { skip }, async () => {
  await sun.getByRole('button', { name: 'Undo: empty tube TG-000004' }).click()
  await sun.locator('#lab-tube').waitFor()
  await part(sun, 'Boxes')
  // A tube that closed itself can be opened again for a moment; then it is one for the box.
  await sun.locator('.figures b', { hasText: /^3$/ }).waitFor({ timeout: 20_000 })
  await sun.getByLabel('Scan the box').fill('BOX-000001')
  await sun.keyboard.press('Enter')
  await sun.getByText('Box BOX-000001 is closed with 3 tubes').waitFor()
  // The list that travels with the box, as it is printed: the page stops where it would open the printer.
  await sun.evaluate(() => {
    window.print = () => {
      throw new Error('printed')
    }
  })
  await sun.getByRole('button', { name: 'Print the list' }).click()
  await sun.emulateMedia({ media: 'print' })
  await sun.getByRole('heading', { name: 'List of samples in a box' }).waitFor()
  for (const code of ['BOX-000001', 'TG-000001', 'TG-000002', 'TG-000003']) await sun.getByRole('img', { name: code }).waitFor()
  assert.ok(!(await sun.locator('.sheet').innerText()).includes('Invented Code'), 'nobody is on the list')
  await picture(sun, 'lab-box-list')
  await sun.emulateMedia({ media: 'screen' })
  sun.complaints = sun.complaints.filter((text) => !text.includes('printed'))
  await sun.getByText('Hand over to a courier').click()
  await sun.getByLabel('I count').fill('3')
  await sun.getByLabel('The courier counts').fill('2')
  await sun.getByText('You counted different numbers').waitFor()
  await sun.getByLabel('The courier counts').fill('3')
  await sun.getByLabel('Courier (name or number)').fill('Invented Ma')
  await assertSoundOffline(sun, 'lab-box')
  await picture(sun, 'lab-box')
  await sun.getByRole('button', { name: 'Hand over 3 tubes' }).click()
  await sun.getByText(/Handed to Invented Ma, both counted 3/).waitFor()
})

test('signing out asks first, and with the network everything is there once', { skip }, async () => {
  await sun.getByRole('button', { name: 'Sign out', exact: true }).click()
  await sun.getByText('4 tubes or boxes are not sent').waitFor()
  await sun.getByRole('button', { name: 'Cancel' }).click()
  await part(sun, /^Sent/)
  await sun.context().setOffline(false)
  await sun.getByText('Everything has arrived.').waitFor({ timeout: 30_000 })
  await assertSoundOffline(sun, 'lab-sent')
  await picture(sun, 'lab-sent')
  await part(sun, 'Boxes')
  await sun.getByText(/both counted 3/).waitFor()
  await sun.reload()
  await sun.locator('#lab-tube').waitFor()
  const { progress } = await li.evaluate(async (id) => (await fetch(`/api/lab/rounds/${id}`)).json(), round)
  assert.deepEqual([progress.tubes, progress.people], [3, 30])
})

test('signed out, the phone knows nobody', { skip }, async () => {
  await sun.getByRole('button', { name: 'Sign out', exact: true }).click()
  await sun.locator('[name=login]').waitFor()
  assert.equal(await onDisk(sun, 'quell.lab'), '')
})
