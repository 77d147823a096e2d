import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { COMMANDS } from '../src/command-table.ts'
import { EXIT } from '../src/index.ts'
import { recordAskingRun } from './support/asking-run.ts'
import { call, documents, lines, type CallResult } from './support/call.ts'
import { corruptRun, helloRun } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'
import { recordWaitingRun } from './support/waiting-run.ts'

const AGENT = fileURLToPath(new URL('support/echo-agent.ts', import.meta.url))
const ASKED_MS = Date.UTC(2026, 0, 31, 23, 55)

let store: MemoryStore

beforeEach(async () => {
  store = createMemoryStore({ extras: { schemaVersion: async () => 3 } })
  await store.add('x.db', helloRun('hello'), corruptRun('corrupt'))
  await recordWaitingRun(store.log('x.db'), { runId: 'waits', nowMs: ASKED_MS })
  await recordAskingRun(store.log('x.db'), { runId: 'asks', nowMs: ASKED_MS })
})

async function run(...argv: readonly string[]): Promise<CallResult> {
  return call(argv, { store, user: 'ada@test' })
}

describe('every command', () => {
  test.each(COMMANDS.map(({ name }) => name))('%s explains each of its flags and arguments', async (name) => {
    const { code, stdout, stderr } = await run(name, '--help')
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
    const entry = COMMANDS.find((candidate) => candidate.name === name)
    const command = await entry?.load()
    expect(stdout).toContain(`starling ${name}`)
    for (const [flag, { summary }] of Object.entries(command?.flags ?? {})) {
      expect(stdout).toContain(`--${flag}`)
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(summary.replaceAll(/\s+/g, ' '))
    }
    for (const argument of command?.args ?? []) expect(stdout).toContain(argument.name)
  })

  test.each(COMMANDS.map(({ name }) => name))(
    '%s refuses a flag that it does not have, before it does anything',
    async (name) => {
      const { code, stdout, stderr } = await run(name, '--no-such-flag', '--json')
      expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
      expect(documents(stderr)).toEqual([
        { error: { code: 'CLI_USAGE', message: expect.stringContaining('--no-such-flag') } },
      ])
      expect(store.opened).toEqual([])
    },
  )

  test('describes itself in its help as JSON, under the names that it has', async () => {
    const [help] = documents((await run('help', '--json')).stdout)
    expect(help.commands.map(({ name }: { name: string }) => name)).toEqual(COMMANDS.map(({ name }) => name))
  })
})

describe('a run that does not exist', () => {
  test.each([
    [['approvals', 'x.db', 'none']],
    [['approve', 'x.db', 'none']],
    [['deny', 'x.db', 'none', 'c1']],
    [['export', 'x.db', 'none']],
    [['fork', 'x.db', 'none']],
    [['replay', '--agent', AGENT, 'x.db', 'none']],
    [['resume', '--agent', AGENT, 'x.db', 'none']],
    [['search', 'x.db', 'hello', '--run', 'none']],
    [['show', 'x.db', 'none']],
    [['tail', 'x.db', 'none']],
    [['validate', 'x.db', 'none']],
  ])('is not found by %j: exit code 5, one document on stderr, nothing on stdout', async (argv) => {
    const { code, stdout, stderr } = await run(...argv, '--json')
    expect({ code, stdout }).toEqual({ code: EXIT.notFound, stdout: '' })
    expect(documents(stderr)).toEqual([
      { error: { code: expect.stringMatching(/_NOT_FOUND$/), message: expect.stringContaining('none') } },
    ])
    const plain = await run(...argv)
    expect(lines(plain.stderr)).toHaveLength(1)
    expect(plain.stderr).toMatch(/^starling: /)
  })

  test.each([
    [['approvals', 'x.db']],
    [['list', 'x.db']],
    [['stats', 'x.db']],
    [['validate', 'x.db']],
    [['approve', 'x.db', 'waits', '--all']],
  ])('is nothing to %j, which speaks of those there are', async (argv) => {
    expect((await run(...argv)).stdout).not.toBe('')
  })
})

describe('JSON', () => {
  test.each([
    [['approvals', 'x.db']],
    [['list', 'x.db']],
    [['search', 'x.db', 'hello']],
    [['show', 'x.db', 'hello']],
    [['show', 'x.db', 'asks']],
    [['show', 'x.db', 'waits']],
    [['tail', 'x.db', 'asks']],
    [['validate', 'x.db']],
    [['validate', 'x.db', 'corrupt']],
    [['export', 'x.db', 'asks']],
    [['schema-version', 'x.db']],
    [['version']],
    [['help', 'show']],
    [['prices', 'gpt-5.4-mini']],
    [['deny', 'x.db', 'asks']],
    [['approve', 'x.db', 'waits', 'other']],
  ])('of %j has keys in snake case and no escapes', async (argv) => {
    const { stdout } = await run(...argv, '--json')
    const printed = documents(stdout)
    expect(printed.length).toBeGreaterThan(0)
    for (const document of printed) expect(oddKeys(document)).toEqual([])
    expect(stdout).not.toContain('\u001B')
  })

  test.each([
    ['waits', ['because', 'policy']],
    ['asks', ['question', 'question']],
  ] as const)(
    'of what waits in the run %s has the same keys, whatever it waits for',
    async (runId, [filled, reason]) => {
      const [{ approvals }] = documents((await run('approvals', 'x.db', runId, '--json')).stdout)
      for (const item of approvals) {
        expect(Object.keys(item)).toEqual([
          'run_id',
          'turn_id',
          'call_id',
          'tool',
          'arguments',
          'args_hash',
          'reason',
          'because',
          'question',
          'held',
          'since',
          'expires_at',
        ])
        expect(item).toMatchObject({ run_id: runId, reason })
        expect(item[filled]).not.toBeNull()
      }
    },
  )

  test('of a command has its flags by their names, each with keys of its own', async () => {
    const [{ flags }] = documents((await run('help', 'approve', '--json')).stdout)
    expect(Object.keys(flags)).toEqual(expect.arrayContaining(['question', 'no-resume', 'json', 'db']))
    expect(Object.values(flags).flatMap(oddKeys)).toEqual([])
    expect(flags.db).toMatchObject({ is_log: true })
  })

  test('of a decision has the same keys, whether on a call or on a question', async () => {
    const [decided] = documents((await run('approve', 'x.db', 'waits', 'other', '--json')).stdout)
    const [question] = documents((await run('deny', 'x.db', 'asks', '--json')).stdout)
    expect(Object.keys(question)).toEqual(Object.keys(decided))
    expect(Object.keys(question.calls[0])).toEqual(Object.keys(decided.calls[0]))
    expect(question).toMatchObject({
      decision: 'deny',
      recorded: 1,
      calls: [{ call_id: 'c1', question: { type: 'form' } }],
    })
  })
})

/** The keys that are not as on the wire, wherever they stand. */
function oddKeys(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(oddKeys)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => [
    ...(/^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(key) ? [] : [key]),
    ...oddKeys(item),
  ])
}
