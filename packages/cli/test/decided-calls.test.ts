import { createAgent } from '@starling/core'
import { createScriptedProvider } from '@starling/provider/scripted'
import { beforeEach, describe, expect, test } from 'vitest'
import { EXIT } from '../src/index.ts'
import { asking, recordAskingRun } from './support/asking-run.ts'
import { call, documents, lines, type CallResult } from './support/call.ts'
import { helloRun } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'
import { recordWaitingRun } from './support/waiting-run.ts'

const ASKED_MS = Date.UTC(2026, 0, 31, 23, 55)

let store: MemoryStore

beforeEach(async () => {
  store = createMemoryStore()
  await store.add('x.db', helloRun('ended'))
  await recordWaitingRun(store.log('x.db'), { runId: 'r', nowMs: ASKED_MS })
})

async function run(...argv: readonly string[]): Promise<CallResult> {
  return call(argv, { store, user: 'ada@test' })
}

/** Goes on with a run whose every call has been decided on, until it has ended. */
async function finish(): Promise<void> {
  const made = (name: string) => ({ ...asking(async () => 'done'), name, description: `Does ${name}.` })
  const provider = createScriptedProvider({ turns: [{ text: 'Shipped.' }] })
  const agent = createAgent({ provider, model: 'test', tools: [made('deploy'), made('look')], log: store.log('x.db') })
  const { status } = await agent.resume('r', { force: true }).result
  expect(status).toBe('completed')
}

const UNNAMED = [[['--all']], [[]], [['call-a', 'other']]] as const

describe.each([
  { when: 'before the run goes on', go: async () => {}, next: 'go on with: starling resume x.db r' },
  { when: 'after the run has ended', go: finish, next: 'it has ended' },
])('a decision $when', ({ go, next }) => {
  test.each(UNNAMED)('that was made already is no harm, with %j', async (names) => {
    await run('approve', 'x.db', 'r', '--all', '--by', 'bob')
    await go()
    const before = await store.log('x.db').read('r')
    expect(await run('approve', 'x.db', 'r', ...names)).toEqual({
      code: EXIT.ok,
      stdout: `2 calls of run r approved already; ${next}\n`,
      stderr: '',
    })
    expect(await store.log('x.db').read('r')).toEqual(before)
  })

  test.each(UNNAMED)('that is another is told who was first, with %j', async (names) => {
    await run('approve', 'x.db', 'r', 'call-a', '--by', 'bob')
    await run('approve', 'x.db', 'r', 'other', '--input', '{"to":"lab"}', '--by', 'eve')
    await go()
    expect(await run('deny', 'x.db', 'r', ...names)).toEqual({
      code: EXIT.failure,
      stdout: '',
      stderr:
        'starling: call call-a has been approved by bob already; call other has been approved with other arguments by eve already\n',
    })
    const asJson = await run('deny', 'x.db', 'r', ...names, '--json')
    expect(documents(asJson.stderr)).toMatchObject([{ error: { code: 'CORE_DECIDED' } }])
  })

  test('is the same only with the same arguments, and with the same result', async () => {
    await run('approve', 'x.db', 'r', 'call-a', '--input', '{"to":"lab","n":1}')
    await run('approve', 'x.db', 'r', 'other', '--result', '{"by":"hand"}')
    await go()
    const again = async (...more: readonly string[]): Promise<number> =>
      (await run('approve', 'x.db', 'r', ...more)).code
    expect(await again('call-a', '--input', '{"n": 1, "to": "lab"}')).toBe(EXIT.ok)
    expect(await again('call-a', '--input', '{"to":"prod"}')).toBe(EXIT.failure)
    expect(await again('call-a')).toBe(EXIT.failure)
    expect(await again('other', '--result', '{"by": "hand"}')).toBe(EXIT.ok)
    expect(await again('other', '--result', '2')).toBe(EXIT.failure)
  })
})

test('of a call that was never asked about, nothing was decided', async () => {
  await run('approve', 'x.db', 'r', '--all')
  expect((await run('approve', 'x.db', 'r', 'call-b')).code).toBe(EXIT.failure)
  await finish()
  const { code, stderr } = await run('approve', 'x.db', 'r', 'call-b')
  expect({ code, stderr }).toEqual({
    code: EXIT.failure,
    stderr: 'starling: run r has ended: none of its calls waits for a decision\n',
  })
})

test('one decision that contradicts keeps all others that are made with it from being recorded', async () => {
  await run('deny', 'x.db', 'r', 'call-a', '--by', 'bob')
  const before = await store.log('x.db').read('r')
  const { stderr } = await run('approve', 'x.db', 'r', 'call-a', 'other')
  expect(stderr).toBe('starling: call call-a has been denied by bob already\n')
  expect(await store.log('x.db').read('r')).toEqual(before)
})

test('the answer to a question is told in the same way', async () => {
  await recordAskingRun(store.log('x.db'), { runId: 'q', nowMs: ASKED_MS })
  const answer = ['--input', '{"account":"main"}']
  expect((await run('approve', 'x.db', 'q', 'c1', ...answer, '--by', 'bob')).code).toBe(EXIT.ok)
  const again = await run('approve', 'x.db', 'q', ...answer)
  expect(again).toMatchObject({ code: EXIT.ok, stderr: '' })
  expect(lines(again.stdout)).toEqual(['1 question of run q answered already; go on with: starling resume x.db q'])
  expect((await run('approve', 'x.db', 'q', '--all')).code).toBe(EXIT.ok)
  for (const other of [['deny', '--all'], ['deny'], ['approve', '--input', '{"account":"travel"}']]) {
    const [command = '', ...more] = other
    expect(await run(command, 'x.db', 'q', ...more)).toEqual({
      code: EXIT.failure,
      stdout: '',
      stderr: 'starling: the question of call c1 has been answered already by bob\n',
    })
  }
})
