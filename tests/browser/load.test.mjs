// A busy morning: the status page answers while everything else is told to come again, a switch by hand says why and until when, an
// outage stands for everybody to read, and who waits sees for how long.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, byName, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const skip = missing() ?? false

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const LI = { login: 'li', name: 'Li Invented', password: 'a kettle sings at dawn' }
const TAIGU = '14/1407/140703'

let server, browser, stranger, admin

before(async () => {
  if (skip) return
  server = byName(await startServer())
  browser = await startBrowser()
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('everybody reads how the platform bears its load', { skip }, async () => {
  stranger = await openPage(browser, { width: 360, height: 740 })
  await stranger.goto(`${server.address}/public/status`)
  await stranger.getByText('Everything is running; nothing is switched off.').waitFor()
  await stranger.getByText('None on record.').waitFor()
  await assertSound(stranger, 'status-quiet')
})

test('the status page answers while a crowd is told to come again', { skip }, async () => {
  let refused = 0
  const crowd = Array.from({ length: 400 }, async () => {
    for (let turn = 0; turn < 5; turn++) {
      const answer = await fetch(`${server.address}/api/public/bulletins`).catch(() => null)
      const said = await answer?.text()
      if (answer?.status !== 503) continue
      refused++
      assert.ok(Number(answer.headers.get('retry-after')) >= 1, 'it says when to come again')
      assert.equal(JSON.parse(said).code, 'service.busy')
    }
  })
  const times = []
  for (let turn = 0; turn < 20; turn++) {
    const since = Date.now()
    const answer = await fetch(`${server.address}/api/public/status`)
    assert.equal(answer.status, 200)
    await answer.text()
    times.push(Date.now() - since)
  }
  await Promise.all(crowd)
  console.log(`${refused} of 2000 were told to come again; the status took at most ${Math.max(...times)} ms`)
  await stranger.reload()
  const article = stranger.locator('article', { hasText: 'Boards and pages' })
  await article.getByRole('img').waitFor()
  await article.getByText('Second by second').click()
  await article.locator('tbody tr').first().waitFor()
  await assertSound(stranger, 'status-busy')
  await picture(stranger, 'status-busy')
})

test('a switch by hand says why and until when, and an outage stands for everybody to read', { skip }, async () => {
  admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  await sendChange(admin, 'create-account', { id: makeId('change'), account: makeId('account'), ...LI, role: 'epidemiologist', territory: TAIGU, organisation: 'CDC' })
  await admin.goto(`${server.address}/admin/load`)
  const row = admin.getByRole('row', { name: 'Files of everything' })
  await row.getByRole('button', { name: 'Switch off' }).click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByLabel('Reason, for everybody to read').fill('The third round is held today')
  await assertSound(admin, 'switching')
  await dialog.getByRole('button', { name: 'Switch off' }).click()
  await row.getByText('by hand: The third round is held today').waitFor()
  await picture(admin, 'load-tab')
  await assertSound(admin, 'load-tab')

  const li = await openPage(browser, { language: 'zh' })
  await signIn(li, server, LI)
  await li.goto(`${server.address}/admin/load`)
  await li.getByRole('button', { name: '记录中断' }).click()
  await li.getByRole('dialog').getByLabel('情况说明（对公众显示）').fill('采样点网络中断')
  await picture(li, 'record-outage')
  await li.getByRole('dialog').getByRole('button', { name: '记录', exact: true }).click()
  await li.getByRole('cell', { name: '采样点网络中断' }).waitFor()
  await assertSound(li, 'outages')
  await li.context().close()

  await stranger.reload()
  await stranger.getByText('The third round is held today').waitFor()
  await stranger.getByText('采样点网络中断').waitFor()
  await assertSound(stranger, 'status-off')
  await picture(stranger, 'status-off')
})

test('who waits sees for how long and how many come before, and goes on by itself', { skip }, async () => {
  let asked = 0
  await stranger.route('**/api/public/bulletins', (route) => {
    if (asked++ > 0) return route.continue()
    const body = JSON.stringify({ code: 'service.busy', zh: '忙', en: 'busy', field: null, before: 12 })
    return route.fulfill({ status: 503, headers: { 'retry-after': '3' }, contentType: 'application/json', body })
  })
  await stranger.goto(`${server.address}/public`)
  await stranger.getByText(/Busy: about \d s, 12 before you\. It goes on by itself/).waitFor()
  await stranger.getByText('has published nothing').or(stranger.getByText('nothing', { exact: false })).first().waitFor()
  assert.equal(asked, 2, 'asked once more, and not before its time')
  stranger.complaints = stranger.complaints.filter((said) => !said.includes('503'))
})
