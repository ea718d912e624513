import { expect, test } from 'vitest'
import { Failure, noAnswer } from '../../lib/api'
import type { Shelf } from '../../lib/shelf'
import type { Answered } from '../../lib/trace'
import { Outgoing, type Said } from './said'

function desk() {
  const held = new Map<string, Said>()
  const shelf: Shelf<Said> = {
    all: async () => [...held.values()],
    put: async (item) => void held.set(item.id, item),
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
  return { held, sent, outgoing: new Outgoing(ways), ways, answers: (next: typeof answer) => (answer = next) }
}

test('what was said is on the shelf before it is sent, and leaves when the server has it', async () => {
  const { outgoing, held, sent } = desk()
  await outgoing.say('me', 'interview_1', 'onset', '2022-02-20', 0)
  expect([...held.values()].map((said) => said.value)).toEqual(['2022-02-20'])
  expect(sent).toEqual([])
  expect(await outgoing.flush('me')).toBe(true)
  expect(held.size).toBe(0)
  expect(outgoing.list).toEqual([])
})

test('without a connection it waits, survives the page, and is sent again under the same id', async () => {
  const { outgoing, held, sent, ways, answers } = desk()
  answers(async () => {
    throw noAnswer()
  })
  await outgoing.say('me', 'interview_1', 'onset', '2022-02-20', 3)
  expect(await outgoing.flush('me')).toBe(false)
  const reopened = new Outgoing(ways)
  await reopened.load()
  answers(async () => ({ seq: 4, merged: false, conflict: false }))
  expect(await reopened.flush('me')).toBe(true)
  expect(sent.map((said) => [said.id, said.based_on])).toEqual([['change_1', 3], ['change_1', 3]])
  expect(held.size).toBe(0)
})

test('newer words for the same question take the place of those never sent, based on the same version', async () => {
  const { outgoing, sent } = desk()
  await outgoing.say('me', 'interview_1', 'story', 'dinner', 5)
  await outgoing.say('me', 'interview_1', 'story', 'dinner with two', 5)
  await outgoing.flush('me')
  expect(sent.map((said) => said.value)).toEqual(['dinner with two'])
  expect(sent[0]!.based_on).toBe(5)
})

test('words written while the first are on their way follow them as the next version', async () => {
  const { outgoing, sent, answers } = desk()
  let arrive: () => void = () => {}
  answers((said) => new Promise((done) => (arrive = () => done({ seq: said.based_on + 1, merged: false, conflict: false }))))
  await outgoing.say('me', 'interview_1', 'story', 'dinner', 0)
  const flushing = outgoing.flush('me')
  await Promise.resolve()
  await new Promise((done) => setTimeout(done))
  await outgoing.say('me', 'interview_1', 'story', 'dinner, then home', 0)
  answers(async (said) => ({ seq: said.based_on + 1, merged: false, conflict: false }))
  arrive()
  expect(await flushing).toBe(true)
  expect(sent.map((said) => [said.value, said.based_on])).toEqual([['dinner', 0], ['dinner, then home', 1]])
})

test('a refusal stays beside its question and holds up no other', async () => {
  const { outgoing, answers } = desk()
  answers(async (said) => {
    if (said.question === 'onset') throw new Failure(422, 'trace.answer', '不对', 'wrong')
    return { seq: 1, merged: false, conflict: false }
  })
  await outgoing.say('me', 'interview_1', 'onset', 'yesterday', 0)
  await outgoing.say('me', 'interview_1', 'works', 'yes', 0)
  expect(await outgoing.flush('me')).toBe(true)
  expect(outgoing.list.map((said) => [said.question, said.refused?.code])).toEqual([['onset', 'trace.answer']])
  await outgoing.say('me', 'interview_1', 'onset', '2022-02-20', 0)
  expect(outgoing.list.map((said) => said.refused)).toEqual([null])
})

test("nobody else's session sends it", async () => {
  const { outgoing, sent } = desk()
  await outgoing.say('me', 'interview_1', 'onset', '2022-02-20', 0)
  expect(await outgoing.flush('somebody else')).toBe(true)
  expect(sent).toEqual([])
  expect(outgoing.list.length).toBe(1)
})
