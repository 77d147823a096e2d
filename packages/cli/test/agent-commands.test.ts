import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { EXIT } from '../src/index.ts'
import { call, documents, lines, type CallOptions, type CallResult } from './support/call.ts'
import { helloRun } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'

const AGENT = fileURLToPath(new URL('support/echo-agent.ts', import.meta.url))

let store: MemoryStore

beforeEach(async () => {
  store = createMemoryStore()
  await store.add('x.db', helloRun('other'))
})

async function run(command: string, argv: readonly string[], options: CallOptions = {}): Promise<CallResult> {
  return call([command, '--agent', AGENT, 'x.db', ...argv], { store, user: 'ada@test', ...options })
}

async function kindsOf(runId: string): Promise<readonly number[]> {
  return (await store.log('x.db').read(runId)).map(({ kind }) => kind)
}

describe('run', () => {
  test('records under the id that it is given, and prints the answer', async () => {
    const { code, stdout, stderr } = await run('run', ['echo done', '--id', 'r1'])
    expect({ code, stdout }).toEqual({ code: EXIT.ok, stdout: 'Done.\n' })
    expect(stderr).toMatch(/^run r1 completed: 2 turns, 1 tool call, 12 tokens, /)
    expect((await store.log('x.db').summary('r1'))?.status).toBe('completed')
  })

  test('takes the goal from stdin', async () => {
    const { stdout } = await run('run', ['-', '--id', 'r1', '--json', '--quiet'], { stdin: ['  done', '\n\n'] })
    expect(documents(stdout)).toMatchObject([{ run_id: 'r1', status: 'completed', final_text: 'Done.' }])
  })

  test('--json --quiet is one document with stable keys', async () => {
    const [result] = documents((await run('run', ['done', '--id', 'r1', '--json', '--quiet'])).stdout)
    expect(Object.keys(result).toSorted()).toEqual([
      'cache',
      'cost_usd',
      'duration_ms',
      'error',
      'final_text',
      'finish_reason',
      'input_tokens',
      'merkle_root',
      'output_tokens',
      'run_id',
      'status',
      'tool_call_count',
      'turn_count',
    ])
    expect(result.error).toBeNull()
  })

  test.each([
    [[' ', '--id', 'r1'], /^starling: the goal is empty\n/],
    [['done', '--id', ''], /^starling: --id needs the id of a run, got an empty text\n/],
    [['done', '--approve', 'maybe'], /^starling: .*--approve.*maybe/],
  ])('%j is a usage error, and nothing is recorded', async (argv, message) => {
    const { code, stderr } = await run('run', argv)
    expect(code).toBe(EXIT.usage)
    expect(stderr).toMatch(message)
    expect(await kindsOf('r1')).toEqual([])
  })

  test('an id that is taken is refused, and the run that has it stays as it is', async () => {
    const before = await kindsOf('other')
    const { code, stderr } = await run('run', ['done', '--id', 'other'])
    expect(code).toBe(EXIT.failure)
    expect(stderr).toMatch(/^starling: .*other/)
    expect(await kindsOf('other')).toEqual(before)
  })

  test('an agent that is not there is not found, in one line', async () => {
    const { code, stderr } = await call(['run', '--agent', '/nowhere/agent.ts', 'x.db', 'done'], { store })
    expect(code).not.toBe(EXIT.ok)
    expect(lines(stderr)[0]).toMatch(/^starling: .*\/nowhere\/agent\.ts/)
  })
})

describe('a run that waits', () => {
  test.each([
    ['guard', 'policy'],
    ['ask', 'question'],
  ])('%s: --approve later exits with 6, and the result in JSON says what is waited for', async (goal, reason) => {
    const { code, stdout } = await run('run', [goal, '--id', 'r1', '--approve', 'later', '--json', '--quiet'])
    expect(code).toBe(EXIT.suspended)
    expect(documents(stdout)).toMatchObject([{ status: 'suspended', waiting: [{ call_id: 'c1', reason }] }])
  })

  test('goes on in the process that answers, and the document of the answer comes before those of the run', async () => {
    await run('run', ['ask', '--id', 'r1', '--approve', 'later'])
    const { code, stdout } = await run('approve', ['r1', 'c1', '--input', '{"name":"ada"}', '--json'])
    expect(code).toBe(EXIT.ok)
    const printed = documents(stdout)
    expect(printed[0]).toMatchObject({ type: 'decided', decision: 'approve', recorded: 1, waiting: [] })
    expect(printed.at(-1)).toMatchObject({ type: 'done', result: { status: 'completed' } })
  })

  test('is left again where it asks again, with exit code 6', async () => {
    await run('run', ['ask ask', '--id', 'r1', '--approve', 'later'])
    const { code, stderr } = await run('approve', ['r1', 'c1', '--input', '{"name":"ada"}'])
    expect(code).toBe(EXIT.suspended)
    expect(stderr).toContain('1 question of run r1 answered; going on\n')
    expect(lines(stderr).at(-1)).toBe(`decide with: starling approve --agent ${AGENT} x.db r1 c1`)
  })

  test('what does not fit leaves the run as it was, and does not go on with it', async () => {
    await run('run', ['ask', '--id', 'r1', '--approve', 'later'])
    const before = await kindsOf('r1')
    expect((await run('approve', ['r1', 'c1', '--input', '{"nmae":"ada"}'])).code).toBe(EXIT.usage)
    expect(await kindsOf('r1')).toEqual(before)
  })

  test('goes on where it is resumed: without a terminal what waits is denied, or cancelled', async () => {
    await run('run', ['guard', '--id', 'r1', '--approve', 'later'])
    await run('run', ['ask', '--id', 'r2', '--approve', 'later'])
    expect(await run('resume', ['r1'])).toMatchObject({
      code: EXIT.ok,
      stderr: expect.stringMatching(/^denied guarded: /),
    })
    expect(await run('resume', ['r2'])).toMatchObject({
      code: EXIT.ok,
      stderr: expect.stringMatching(/^cancelled the question of ask: nobody is there to answer; /),
    })
  })

  test('is answered on the terminal where it is resumed', async () => {
    await run('run', ['ask', '--id', 'r1', '--approve', 'later'])
    const typed = ['y', 'ada']
    const { code, stderr } = await run('resume', ['r1'], { ask: async () => typed.shift() ?? '' })
    expect(code).toBe(EXIT.ok)
    expect(stderr).toMatch(/^\nask \S+ asks: Who\?\n {2}it wants: name\n/)
    const { stdout } = await call(['show', 'x.db', 'r1'], { store })
    expect(stdout).toContain('  with: {"name":"ada"}\n')
  })

  test('an ended run takes no more decisions, and no resume', async () => {
    await run('run', ['done', '--id', 'r1'])
    const decided = await run('approve', ['r1', '--all'])
    expect(decided).toMatchObject({
      code: EXIT.failure,
      stderr: 'starling: run r1 has ended: none of its calls waits for a decision\n',
    })
    expect((await run('resume', ['r1'])).code).toBe(EXIT.failure)
  })
})

describe('replay', () => {
  test('of a run that is as it was says so, and exits with 0', async () => {
    await run('run', ['echo done', '--id', 'r1'])
    const seq = (await kindsOf('r1')).length
    expect(await run('replay', ['r1'])).toEqual({
      code: EXIT.ok,
      stdout: `OK: replay matches recorded log (${seq} events)\n`,
      stderr: '',
    })
    const [report] = documents((await run('replay', ['r1', '--json', '--from', '3'])).stdout)
    expect(report).toMatchObject({ run_id: 'r1', status: 'match', events_recorded: seq, divergences: [], warnings: [] })
    expect(report.events_compared).toBe(report.events_reproduced - report.compared_from + 1)
  })

  test('of a run whose tool has asked asks nobody', async () => {
    await run('run', ['ask', '--id', 'r1', '--approve', 'later'])
    await run('approve', ['r1', 'c1', '--input', '{"name":"ada"}'])
    for (const tools of ['execute', 'recorded']) {
      const ask: CallOptions['ask'] = async () => Promise.reject(new Error('a replay asked'))
      expect((await run('replay', ['r1', '--tools', tools], { ask })).code).toBe(EXIT.ok)
    }
  })

  test('of a run of another agent diverges, with exit code 3', async () => {
    const { code, stdout } = await run('replay', ['other'])
    expect(code).toBe(EXIT.diverged)
    expect(stdout).toMatch(/^DIVERGED: /)
    const [report] = documents((await run('replay', ['other', '--json', '--all'])).stdout)
    expect(report.status).toBe('diverged')
    expect(report.divergences[0]).toMatchObject({ seq: expect.any(Number), message: expect.any(String) })
  })

  test.each(['0', '99'])('--from %s is no event of the run', async (from) => {
    await run('run', ['done', '--id', 'r1'])
    const { code, stderr } = await run('replay', ['r1', '--from', from])
    expect(code).toBe(EXIT.usage)
    expect(stderr).toMatch(new RegExp(`^starling: --from must be an event of the run, 1 to \\d+; got ${from}\n`))
  })

  test('of an unknown run is not found', async () => {
    expect((await run('replay', ['none'])).code).toBe(EXIT.notFound)
  })
})
