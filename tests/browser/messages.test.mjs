// What laboratories tell by message, at the screen: a file is taken and each message of it answered, what nobody measured waits for
// a word, a code of the laboratory's own is mapped, somebody in no tube becomes a case without a name being shown, and a reported
// run is saved as messages that do no harm when they come back.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { assertSound, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const skip = missing() ?? false

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const PLANNER = { login: 'planner', name: 'Invented Planner', password: 'a kettle sings at dawn' }
const SAMPLER = { login: 'sampler', name: 'Invented Sampler', password: 'four lanterns over the ford' }
const READER = { login: 'reader', name: 'Invented Reader', password: 'slow snow on a tin roof' }

const TAIGU = '14/1407/140703'
const DETECTED = '260373001^Detected^SCT'
const NOT_DETECTED = '260415000^Not detected^SCT'

let server, browser, planner, sampler, reader, chinese
const [campaign, round, post, laboratory, run] = ['campaign', 'round', 'post', 'laboratory', 'run'].map(makeId)

function tube(barcode, from) {
  const now = Date.now()
  const members = Array.from({ length: 10 }, (_, at) => ({
    ...{ position: at + 1, at: now - 1_200_000, way: 'number', document: 'passport', phone: '' },
    ...{ name: `Person ${from + at}`, number: `P${String(from + at).padStart(7, '0')}` },
  }))
  return { id: makeId('change'), tube: barcode, post, kind: 'people', size: 10, sampled: now - 1_200_000, closed: now - 600_000, members }
}

const minutesAgo = (minutes) => `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19).replace(/[-:T]/g, '')}+0000`

/** One ORU^R01 as a laboratory's system writes it. */
function message(specimen, value, { test = '94309-2^SARS-CoV-2 RNA^LN', method = 'KIT-A^RT-PCR kit A^99NORTH', patient = '' } = {}) {
  const sampled = minutesAgo(15)
  return [
    `MSH|^~\\&|LIS.NORTH^1.2.3.4^ISO|North Lab^LAB-07^CLIA|QUELL|CDC|${minutesAgo(0)}||ORU^R01^ORU_R01|MSG-${specimen}|P|2.5.1`,
    ...(patient ? [`PID|1||${patient}`] : []),
    `ORC|RE|${specimen}|LAB-${specimen}`,
    `OBR|1|${specimen}|LAB-${specimen}|94309-2^SARS-CoV-2 RNA^LN|||${sampled}|||||||||||||||${minutesAgo(2)}|||F`,
    `OBX|1|CWE|${test}|1|${value}||||||F|||${sampled}|LAB-07^North Lab^CLIA||${method}||${method ? minutesAgo(5) : ''}`,
    `SPM|1|${specimen}^LAB-${specimen}||258500001^Nasopharyngeal swab^SCT|||||||||||||${sampled}|${minutesAgo(8)}`,
    '',
  ].join('\r')
}

const file = (page, name, text) => page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })

before(async () => {
  if (skip) return
  server = await startServer()
  browser = await startBrowser()
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  for (const [who, role] of [[PLANNER, 'epidemiologist'], [SAMPLER, 'field'], [READER, 'laboratory']])
    await sendChange(admin, 'create-account', { id: makeId('change'), account: makeId('account'), ...who, role, territory: TAIGU, organisation: 'Taigu CDC' })
  await admin.context().close()
  const enter = async (who, more = {}) => {
    const page = await openPage(browser, more)
    await signIn(page, server, who)
    return page
  }
  planner = await enter(PLANNER)
  chinese = await enter(PLANNER, { language: 'zh' })
  sampler = await enter(SAMPLER)
  reader = await enter(READER)
  const orders = (name, body) => sendChange(planner, name, { id: makeId('change'), ...body })
  const now = Date.now()
  await orders('plan-campaign', { campaign, territory: TAIGU, name: 'Everybody in Taigu', disease: 'covid-19-delta', ordered: 'Invented order 3' })
  const zone = { territory: TAIGU, class: 'precaution', population: 296_000, pool_size: 10 }
  await orders('open-round', { campaign, round, opens: now - 3_600_000, deadline: now + 72_000_000, coverage_target: 0.98, zones: [zone] })
  await orders('open-post', { campaign, post, territory: TAIGU, name: 'Bell Street school', desks: 2, pool_size: 10 })
  await orders('register-laboratory', { laboratory, territory: TAIGU, name: 'North laboratory', capacity: 3000, report_hours: 12 })
  for (const [at, barcode] of ['SX-0001', 'SX-0002', 'SX-0003', 'SX-0004'].entries()) await sendChange(sampler, 'register-tube', tube(barcode, at * 10))
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('a file of messages is taken, and each is answered with what to mend', { skip }, async () => {
  await reader.goto(`${server.address}/testing/messages`)
  await reader.getByText('No message has come in.').waitFor()
  await assertSound(reader, 'no messages')
  const morning = [
    message('SX-0001', NOT_DETECTED),
    message('SX-0002', NOT_DETECTED, { test: 'COV2^Own test^99NORTH' }),
    message('SX-0003', NOT_DETECTED, { method: '' }),
    message('SX-0009', NOT_DETECTED, { test: '' }),
    message('CLINIC-1', DETECTED, { patient: 'P-1^^^HIS^PI~E7654321^^^CN^PPN||Invented^Wang||19850214|F|||12 Invented Road^^Taigu||^PRN^PH^^86^351^5550123' }),
    message('CLINIC-2', NOT_DETECTED, { patient: 'P-2^^^HIS^PI||Invented^Zhao' }),
  ]
  await file(reader, 'morning.hl7', morning.join(''))
  await reader.getByText('6 messages').waitFor()
  const verdicts = reader.getByRole('region', { name: 'What became of the file' })
  const row = (control) => verdicts.getByRole('row').filter({ hasText: control })
  await row('MSG-SX-0001').getByText('stands').waitFor()
  await row('MSG-SX-0002').getByText('unknown code').waitFor()
  await row('MSG-SX-0003').getByText(/fill in OBX-17 or 18 and OBX-19/).waitFor()
  await row('MSG-SX-0009').getByText('refused').first().waitFor()
  await row('MSG-CLINIC-1').getByText('in no tube').first().waitFor()
  assert.ok(!(await reader.locator('main').innerText()).includes('Wang'), 'nobody is named')
  await assertSound(reader, 'verdicts of a file')
  await picture(reader, 'messages-file')
  await file(reader, 'morning.hl7', morning.join(''))
  await verdicts.getByText('came before').first().waitFor()
  assert.equal(await verdicts.getByText('came before').count(), 6)
  const [saved] = await Promise.all([reader.waitForEvent('download'), reader.getByRole('button', { name: 'Save CSV' }).click()])
  assert.match(readFileSync(await saved.path(), 'utf8'), /MSG-SX-0003/)
})

test('who manages laboratories maps a code and gives a word; nothing waits in the end', { skip }, async () => {
  await chinese.goto(`${server.address}/testing/messages`)
  await chinese.getByText('未检先报').first().waitFor()
  await assertSound(chinese, 'messages in Chinese')
  await picture(chinese, 'messages-zh')
  await planner.goto(`${server.address}/testing/messages`)
  const waiting = planner.getByRole('region', { name: 'Waiting' })
  await waiting.getByRole('row').filter({ hasText: 'SX-0002' }).getByText('unknown code').waitFor()
  await picture(planner, 'messages-waiting')
  await planner.getByRole('row').filter({ hasText: 'COV2' }).getByRole('button', { name: 'Map', exact: true }).click()
  const map = planner.getByRole('dialog')
  await map.getByLabel('Means').selectOption('covid-19-delta')
  await assertSound(planner, 'mapping a code')
  await map.getByRole('button', { name: 'Map', exact: true }).click()
  await planner.getByText('COV2 is mapped; 1 report was judged anew.').waitFor()
  await waiting.getByRole('row').filter({ hasText: 'SX-0002' }).waitFor({ state: 'detached' })
  await waiting.getByRole('row').filter({ hasText: 'SX-0003' }).getByRole('button', { name: 'Settle' }).click()
  const settle = planner.getByRole('dialog')
  await settle.getByLabel(/It stands/).check()
  await settle.getByLabel('Reason').fill('Their log of the night was shown')
  await assertSound(planner, 'settling a result')
  await picture(planner, 'messages-settle')
  await settle.getByRole('button', { name: 'Settle' }).click()
  await planner.getByText('Nothing waits.').waitFor()
  const result = (barcode) => planner.evaluate((barcode) => fetch(`/api/lab/tubes/${barcode}`).then((answer) => answer.json()), barcode)
  for (const barcode of ['SX-0001', 'SX-0002', 'SX-0003']) assert.equal((await result(barcode)).result, 'negative', barcode)
  await planner.goto(`${server.address}/testing/tubes/SX-0003`)
  await planner.getByRole('heading', { name: 'Told by laboratories' }).waitFor()
  await assertSound(planner, 'a tube told by message')
})

test('somebody in no tube becomes a case, and the name is not shown for it', { skip }, async () => {
  await planner.goto(`${server.address}/testing/outside`)
  await planner.getByText('+ positive').waitFor()
  assert.equal(await planner.getByText('negative').count(), 0, 'who is negative does not stand before who is not')
  await assertSound(planner, 'in no tube')
  await picture(planner, 'messages-outside')
  await chinese.goto(`${server.address}/testing/outside`)
  await chinese.getByRole('columnheader', { name: '姓名保留至' }).waitFor()
  await picture(chinese, 'messages-outside-zh')
  await planner.getByRole('button', { name: 'Open the name' }).click()
  const open = planner.getByRole('dialog')
  await open.getByLabel('Reason').fill('To ask where they were sampled')
  await assertSound(planner, 'opening a name')
  await open.getByRole('button', { name: 'Open the name' }).click()
  await open.getByText('Wang Invented').waitFor()
  await picture(planner, 'messages-name')
  await open.getByRole('button', { name: 'Close' }).click()
  assert.ok(!(await planner.locator('body').innerText()).includes('Wang Invented'), 'closed, it is forgotten')
  await planner.getByRole('button', { name: 'Report a new case' }).click()
  const report = planner.getByRole('dialog')
  await assertSound(planner, 'reporting a result')
  await report.getByRole('button', { name: 'Report a new case' }).click()
  await planner.waitForURL(/\/cases\/case_/)
  const found = new URL(planner.url()).pathname.split('/').at(-1)
  await planner.goto(`${server.address}/testing/outside`)
  await planner.getByText('No positive, grey or unread result waits.').waitFor()
  await planner.getByRole('button', { name: 'All results' }).click()
  await planner.getByRole('button', { name: 'Link to a case' }).click()
  const link = planner.getByRole('dialog')
  await link.getByLabel('Link to a case').fill(`${server.address}/cases/${found}`)
  await link.getByRole('button', { name: 'Link to a case' }).click()
  await planner.getByText('No result waits.').waitFor()
})

test('a reported run is saved as messages, and does no harm when they come back', { skip }, async () => {
  const change = (name, body) => sendChange(reader, name, { id: makeId('change'), ...body })
  await change('receive-tubes', { laboratory, tubes: ['SX-0004'] })
  const controls = [['F12', 'positive'], ['G12', 'negative'], ['H12', 'extraction']].map(([well, control]) => ({ well, control }))
  await change('fill-plate', { run, laboratory, assay: 'cn-sars-cov-2', format: '96', wells: [{ well: 'A1', tube: 'SX-0004' }, ...controls] })
  const well = (well, ct, internal) => [['ORF1ab', ct], ['N', ct], ['IC', internal]].map(([target, ct]) => ({ well, target, ct }))
  const cycles = [...well('A1', null, 26), ...well('F12', 30, 27), ...well('G12', null, null), ...well('H12', null, null)]
  await change('read-run', { run, file: 'night.csv', cycles })
  await change('report-run', { run })
  await reader.goto(`${server.address}/testing/runs/${run}`)
  const saved = {}
  for (const format of ['HL7', 'FHIR']) {
    const [download] = await Promise.all([reader.waitForEvent('download'), reader.getByRole('button', { name: `Save as messages ${format}` }).click()])
    saved[format] = { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') }
    assert.ok(saved[format].text.includes('SX-0004') && !saved[format].text.includes('Person'), `${format} names a tube and nobody`)
  }
  assert.ok(saved.HL7.text.startsWith('FHS|') && saved.HL7.name.endsWith('.hl7'))
  assert.equal(JSON.parse(saved.FHIR.text.trim()).resourceType, 'Bundle')
  await picture(reader, 'messages-run')
  await reader.goto(`${server.address}/testing/messages`)
  for (const { name, text } of Object.values(saved)) {
    await file(reader, name, text)
    await reader.getByRole('region', { name: 'What became of the file' }).getByText('our own, come back').first().waitFor()
  }
  await reader.getByText('Nothing waits.').waitFor()
})
