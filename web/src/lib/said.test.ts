import { expect, test } from 'vitest'
import { Failure, noAnswer } from './api'
import type { Shelf } from './shelf'
import type { Answered } from './trace'
import { Outgoing, type Said } from './said'

function desk() {
  // The shelf of one device, whoever sits before it.
  const held = new Map<string, Said>()
  const shelf: Shelf<Said> = {
    all: async () => [...held.values()],
    put: async (item) => void held.set(item.id, item),
    replace: async (item) => held.has(item.id) && held.set(item.id, item) === held,
    remove: async (id) => void held.delete(id),
  }
  const sent: Said[] = []
  let answer: (said: Said) => Promise<Answered> = async (said) => ({ seq: said.based_on + 1, merged: false, conflict: false })
  let made = 0
  const ways = {
    shelf,
    send: (said: Said) => {
      sent.push(said)
      return answer(said)
    },
    failureOf: (error: unknown) => error as Failure,
    makeId: () => `change_${++made}`,
  }
  const at = async (account: string) => {
    const outgoing = new Outgoing(ways)
    await outgoing.enter(account)
    return outgoing
  }
  return { held, sent, at, answers: (next: typeof answer) => (answer = next) }
}

test('what was said is on the shelf before it is sent, and leaves when the server has it', async () => {
  const { at, held, sent } = desk()
  const outgoing = await at('me')
  await outgoing.say('interview_1', 'onset', '2022-02-20', 0)
  expect([...held.values()].map((said) => said.value)).toEqual(['2022-02-20'])
  expect(sent).toEqual([])
  expect(await outgoing.flush()).toBe(true)
  expect(held.size).toBe(0)
  expect(outgoing.list).toEqual([])
})

test('without a connection it waits, survives the page, and is sent again under the same id', async () => {
  const { at, held, sent, answers } = desk()
  const outgoing = await at('me')
  answers(async () => {
    throw noAnswer()
  })
  await outgoing.say('interview_1', 'onset', '2022-02-20', 3)
  expect(await outgoing.flush()).toBe(false)
  const reopened = await at('me')
  answers(async () => ({ seq: 4, merged: false, conflict: false }))
  expect(await reopened.flush()).toBe(true)
  expect(sent.map((said) => [said.id, said.based_on])).toEqual([['change_1', 3], ['change_1', 3]])
  expect(held.size).toBe(0)
})

test('newer words for the same question take the place of those never sent, based on the same version', async () => {
  const { at, sent } = desk()
  const outgoing = await at('me')
  await outgoing.say('interview_1', 'story', 'dinner', 5)
  await outgoing.say('interview_1', 'story', 'dinner with two', 5)
  await outgoing.flush()
  expect(sent.map((said) => said.value)).toEqual(['dinner with two'])
  expect(sent[0]!.based_on).toBe(5)
})

test('words written while the first are on their way follow them as the next version', async () => {
  const { at, sent, answers } = desk()
  const outgoing = await at('me')
  let arrive: () => void = () => {}
  answers((said) => new Promise((done) => (arrive = () => done({ seq: said.based_on + 1, merged: false, conflict: false }))))
  await outgoing.say('interview_1', 'story', 'dinner', 0)
  const flushing = outgoing.flush()
  await Promise.resolve()
  await new Promise((done) => setTimeout(done))
  await outgoing.say('interview_1', 'story', 'dinner, then home', 0)
  answers(async (said) => ({ seq: said.based_on + 1, merged: false, conflict: false }))
  arrive()
  expect(await flushing).toBe(true)
  expect(sent.map((said) => [said.value, said.based_on])).toEqual([['dinner', 0], ['dinner, then home', 1]])
})

test('a refusal stays beside its question and holds up no other', async () => {
  const { at, answers } = desk()
  const outgoing = await at('me')
  answers(async (said) => {
    if (said.question === 'onset') throw new Failure(422, 'trace.answer', '不对', 'wrong')
    return { seq: 1, merged: false, conflict: false }
  })
  await outgoing.say('interview_1', 'onset', 'yesterday', 0)
  await outgoing.say('interview_1', 'works', 'yes', 0)
  expect(await outgoing.flush()).toBe(true)
  expect(outgoing.list.map((said) => [said.question, said.refused?.code])).toEqual([['onset', 'trace.answer']])
  await outgoing.say('interview_1', 'onset', '2022-02-20', 0)
  expect(outgoing.list.map((said) => said.refused)).toEqual([null])
})

test('what another account said is not seen, not given way to and not sent while the page changes hands', async () => {
  const { at, held, sent, answers } = desk()
  const outgoing = await at('wang')
  answers(async () => {
    throw noAnswer()
  })
  await outgoing.say('interview_1', 'onset', '2022-02-20', 0)
  await outgoing.flush()
  outgoing.leave()
  expect([outgoing.list, outgoing.of('interview_1', 'onset'), await outgoing.flush()]).toEqual([[], null, true])
  expect(held.size, 'it waits for its writer').toBe(1)
  answers(async (said) => ({ seq: said.based_on + 1, merged: false, conflict: false }))
  sent.length = 0
  await outgoing.enter('wang')
  expect(await outgoing.flush()).toBe(true)
  expect(sent.map((said) => said.account)).toEqual(['wang'])
})

test('what one account left on the device is deleted when another signs in, and is never sent as theirs', async () => {
  const { at, held, sent } = desk()
  const left = await at('wang')
  await left.say('interview_1', 'onset', '2022-02-20', 0)
  await left.say('interview_1', 'works', 'yes', 0)
  const outgoing = await at('li')
  expect(held.size).toBe(0)
  await outgoing.say('interview_1', 'onset', '2022-02-21', 0)
  expect(await outgoing.flush()).toBe(true)
  expect(sent.map((said) => [said.account, said.value])).toEqual([['li', '2022-02-21']])
})

test('whoever signs in is told how many answers of others went', async () => {
  const { at } = desk()
  const outgoing = await at('wang')
  await outgoing.say('interview_1', 'onset', '2022-02-20', 0)
  expect(await outgoing.enter('wang')).toBe(0)
  expect(await outgoing.enter('li')).toBe(1)
})

test('forgotten at sign-out it does not come back to the shelf, though it is on its way', async () => {
  const { at, held, answers } = desk()
  const outgoing = await at('me')
  let refuse: () => void = () => {}
  answers(() => new Promise((_, failed) => (refuse = () => failed(new Failure(422, 'trace.answer', '不对', 'wrong')))))
  await outgoing.say('interview_1', 'onset', 'yesterday', 0)
  const flushing = outgoing.flush()
  await new Promise((done) => setTimeout(done))
  await outgoing.forget()
  refuse()
  expect(await flushing).toBe(true)
  expect([held.size, outgoing.list.length]).toEqual([0, 0])
  // Neither does what another page of the same account has sent.
  await outgoing.say('interview_1', 'works', 'yes', 0)
  held.clear()
  expect(await outgoing.flush()).toBe(true)
  expect([held.size, outgoing.list.length]).toEqual([0, 0])
})

test('a session that ran out and a server in trouble refuse nothing', async () => {
  const { at, held, sent, answers } = desk()
  const outgoing = await at('me')
  for (const [status, code] of [[403, 'access.csrf'], [401, 'access.signed_out'], [503, 'http.503']] as const) {
    answers(async () => {
      throw new Failure(status, code, '不行', 'no')
    })
    await outgoing.say('interview_1', 'onset', '2022-02-20', 0)
    expect(await outgoing.flush(), code).toBe(false)
    expect([outgoing.stopped?.code, outgoing.list.map((said) => said.refused)]).toEqual([code, [null]])
  }
  // What the server fails at holds up no other question, and what follows on it waits behind it.
  sent.length = 0
  answers(async (said) => {
    if (said.question === 'onset') throw new Failure(500, 'http.500', '出错', 'failed')
    return { seq: 1, merged: false, conflict: false }
  })
  await outgoing.say('interview_1', 'onset', '2022-02-21', 0)
  await outgoing.say('interview_1', 'works', 'yes', 0)
  expect(await outgoing.flush()).toBe(false)
  expect(sent.map((said) => said.value)).toEqual(['2022-02-20', 'yes'])
  expect([...held.values()].map((said) => [said.value, said.refused])).toEqual([['2022-02-20', null], ['2022-02-21', null]])
})

test('what was refused can be tried again, by a button or by saying the same', async () => {
  const { at, sent, answers } = desk()
  const outgoing = await at('me')
  const refuse = async () => {
    throw new Failure(409, 'trace.finished', '已完成', 'finished')
  }
  answers(refuse)
  await outgoing.say('interview_1', 'onset', '2022-02-20', 4)
  await outgoing.flush()
  await outgoing.again(outgoing.list[0]!.id)
  await outgoing.flush()
  await outgoing.say('interview_1', 'onset', '2022-02-20', 4)
  answers(async () => ({ seq: 5, merged: false, conflict: false }))
  expect(await outgoing.flush()).toBe(true)
  expect(sent.map((said) => [said.id, said.value, said.based_on])).toEqual([['change_1', '2022-02-20', 4], ['change_2', '2022-02-20', 4], ['change_3', '2022-02-20', 4]])
  expect(outgoing.list).toEqual([])
})

test('whoever asks while it is sending waits for the same end', async () => {
  const { at, sent } = desk()
  const outgoing = await at('me')
  await outgoing.say('interview_1', 'onset', '2022-02-20', 0)
  expect(await Promise.all([outgoing.flush(), outgoing.flush()])).toEqual([true, true])
  expect(sent.length).toBe(1)
})

test('a browser that keeps nothing loses nothing while the page is open', async () => {
  const nothing = async () => {
    throw new Error('no room')
  }
  const sent: Said[] = []
  const outgoing = new Outgoing({
    shelf: { all: nothing, put: nothing, replace: nothing, remove: nothing },
    send: async (said) => (sent.push(said), { seq: 1, merged: false, conflict: false }),
    failureOf: (error) => error as Failure,
    makeId: () => 'change_1',
  })
  await outgoing.enter('me')
  await outgoing.say('interview_1', 'onset', '2022-02-20', 0)
  expect(await outgoing.flush()).toBe(true)
  expect([sent.length, outgoing.list.length]).toEqual([1, 0])
})
