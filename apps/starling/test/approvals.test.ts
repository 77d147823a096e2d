import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { callAll, lines, starling, type Call, type CallResult } from './support/call.ts'
import { start } from './support/start.ts'

// Every call starts a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const HEAD = `import { createScriptedProvider } from '@starling/provider/scripted'
const deploy = { name: 'deploy', description: 'Deploys.', inputSchema: '{"type":"object"}', policy: { approval: true }, execute: async () => '"done"' }
const call = (id: string, to: string) => ({ id, name: 'deploy', arguments: { to } })
const turns = [{ toolCalls: [call('call-a', 'prod'), call('call-b', 'test')] }, { toolCalls: [call('call-c', 'moon')] }, { text: 'Shipped.' }]
const provider = createScriptedProvider({ turns: ({ messages }) => turns[messages.filter(({ role }) => role === 'assistant').length] })
`

/** A source that starts a server of its own, as those of the Model Context Protocol do, and writes down its pid. */
const SOURCE = `import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
let server: ReturnType<typeof spawn> | undefined
const servers = {
  name: 'servers',
  list: async () => {
    server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true })
    appendFileSync('pids', server.pid + '\\n')
    return { tools: [{ name: 'look', description: 'd', inputSchema: '{}', execute: async () => '1' }], recorded: '[]' }
  },
  restore: () => [],
  close: async () => {
    if (server === undefined) return
    const gone = new Promise((resolve) => server?.once('exit', resolve))
    server.kill('SIGKILL')
    await gone
  },
}
`

const FILES: Readonly<Record<string, string>> = {
  'agent.ts': `${HEAD}export const agent = { provider, model: 'm', tools: [deploy] }\n`,
  'undecided.ts': `${HEAD}const approve = () => { process.stderr.write('asked\\n'); return new Promise(() => {}) }
export const agent = { provider, model: 'm', tools: [deploy], approve }\n`,
  'other.ts': `${HEAD}export const agent = { provider, model: 'm', tools: [deploy], systemPrompt: 'Be brief.' }\n`,
  'sources.ts': `${HEAD}${SOURCE}export const agent = { provider, model: 'm', tools: [deploy], toolSources: [servers] }\n`,
  'hanging.ts': `${SOURCE}import { createScriptedProvider } from '@starling/provider/scripted'
const provider = createScriptedProvider({ turns: [{ text: 'hm', fault: { kind: 'hang', afterChunks: 1 } }] })
export const agent = { provider, model: 'm', toolSources: [servers] }\n`,
  'failing.ts': `${SOURCE}import { createScriptedProvider } from '@starling/provider/scripted'
export const agent = { provider: createScriptedProvider({ turns: [] }), model: 'm', retry: { maxAttempts: 1 }, toolSources: [servers] }\n`,
  'starling.config.ts': `export const config = { agent: './agent.ts', db: 'here.db' }\n`,
}

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-approvals-'))
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(directory, name), text)
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('with the log and the agent of the configuration', () => {
  let results: readonly CallResult[]

  beforeAll(async () => {
    results = await inDirectory([
      ['run', '--approve', 'later', '--id', 'r1', 'Ship it'],
      ['approvals'],
      ['approve', 'r1', 'call-a'],
      ['approve', 'r1', 'call-b'],
      ['approvals', '--json'],
      ['deny', 'r1', '--reason', 'not the moon', '--json', '-q'],
      ['approvals'],
      ['validate'],
      ['replay', 'r1'],
      ['show', 'r1'],
    ])
  })

  test('a run stops at what it may not do, and says so with 6', () => {
    expect(at(0)).toMatchObject({ code: 6, stdout: '' })
    expect(lines(at(0).stderr).at(-1)).toBe('decide with: starling approve here.db r1 --all')
    expect(lines(at(1).stdout)).toHaveLength(4)
  })

  test('a decision that leaves others waiting is recorded, and nothing is made', () => {
    expect(at(2)).toMatchObject({
      code: 0,
      stdout: '1 call of run r1 approved; 1 call left, decide with: starling approve here.db r1 call-b\n',
    })
  })

  test('the last one goes on with the run, which waits again where it asks again', () => {
    expect(at(3)).toMatchObject({ code: 6, stdout: '' })
    expect(at(3).stderr).toContain('1 call of run r1 approved; going on\n')
    expect(JSON.parse(at(4).stdout)).toMatchObject({ approvals: [{ run_id: 'r1', call_id: 'call-c' }] })
  })

  test('with --json --quiet the one document is the result of the run', () => {
    expect(JSON.parse(at(5).stdout)).toMatchObject({ run_id: 'r1', status: 'completed', final_text: 'Shipped.' })
    expect(at(5)).toMatchObject({ code: 0, stderr: '' })
    expect(at(6).stdout).toBe('(nothing waits for a decision)\n')
  })

  test('what came of it validates, replays and is shown', () => {
    expect(at(7).stdout).toBe('r1\tOK\n')
    expect(at(8)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^OK: /) })
    expect(at(9).stdout).toMatch(/✓ deploy call-a approved by \S+@\S+ \d{4}-/)
    expect(at(9).stdout).toMatch(/✗ deploy call-c denied by \S+@\S+: not the moon /)
  })

  function at(index: number): CallResult {
    return results[index] ?? { code: null, stdout: '', stderr: 'there was no such call' }
  }
})

test('a person at the terminal puts off one call, and decides on it later', async () => {
  const run = ['-a', 'agent.ts', 'person.db']
  const [later, resumed] = await callAll([
    { argv: ['run', ...run, 'Ship it', '--id', 'r'], answers: ['y', 'l'], cwd: directory },
    { argv: ['resume', ...run, 'r', '-q'], answers: ['n', 'no', 'y'], cwd: directory },
  ] satisfies readonly Call[])
  expect(later).toMatchObject({ code: 6, stdout: '' })
  expect(later?.stderr).toContain('run r waits for 1 decision:\ncall-b deploy {"to":"test"}\n')
  expect(resumed).toMatchObject({ code: 0, stdout: 'Shipped.\n' })
  const [validated, replayed] = await inDirectory([
    ['validate', 'person.db'],
    ['replay', ...run, 'r'],
  ])
  expect(validated?.stdout).toBe('r\tOK\n')
  expect(replayed?.code).toBe(0)
})

test('an agent that is another one now goes on with nothing, and the decision stays on record', async () => {
  const [, approved, resumed] = await inDirectory([
    ['run', '--approve', 'later', '-a', 'agent.ts', 'other.db', 'Ship it', '--id', 'r'],
    ['approve', '--all', '-a', 'other.ts', 'other.db', 'r', '-q'],
    ['resume', '--approve', 'later', '-a', 'agent.ts', 'other.db', 'r', '-q'],
  ])
  expect(approved).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^starling: .*; the decision is recorded; use starling resume --force to resume it/),
  })
  expect(resumed).toMatchObject({ code: 6, stderr: expect.stringContaining('\ncall-c deploy {"to":"moon"}\n') })
})

test('what a live process works on is decided there, and by another once it has been terminated', async () => {
  const live = start(['run', '-a', 'undecided.ts', 'live.db', 'Ship it', '--id', 'r'], { cwd: directory })
  await live.wrote('asked')
  const decide = ['approve', '--no-resume', 'live.db', 'r', '--all', '-q']
  expect(await starling(decide, { cwd: directory })).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'starling: run r is in use by another process; decide at its terminal, or end it first: SIGTERM leaves the run open\n',
  })
  live.signal('SIGTERM')
  expect(await live.ended).toMatchObject({ code: 143 })
  expect(await starling(decide, { cwd: directory })).toEqual({
    code: 0,
    stdout: '2 calls of run r approved; go on with: starling resume live.db r\n',
    stderr: '',
  })
})

describe('no server of a tool source stays behind', () => {
  test.each([
    ['a run that waits', ['run', '--approve', 'later', '-a', 'sources.ts', 'sources.db', 'Ship it'], 6],
    ['a run that fails', ['run', '-a', 'failing.ts', 'sources.db', 'Ship it'], 1],
    ['a run that cannot begin', ['run', '-a', 'sources.ts', 'sources.db', 'Ship it', '--id', 'taken'], 1],
    ['the doctor', ['doctor', '-a', 'sources.ts'], 0],
  ])('after %s', async (_name, argv, code) => {
    if (argv.includes('taken')) await starling([...argv, '--approve', 'later'], { cwd: directory })
    const before = (await pids()).length
    expect(await starling(argv, { cwd: directory })).toMatchObject({ code })
    await expectGone(before)
  })

  test('after a request to terminate', async () => {
    const before = (await pids()).length
    const live = start(['run', '-a', 'hanging.ts', 'sources.db', 'go', '--json'], { cwd: directory })
    await live.wrote('text-delta')
    live.signal('SIGTERM')
    expect(await live.ended).toMatchObject({ code: 143 })
    await expectGone(before)
  })

  async function pids(): Promise<readonly number[]> {
    const text = await readFile(join(directory, 'pids'), 'utf8').catch(() => '')
    return lines(text).map(Number)
  }

  /** The servers that were started since, of which there is one. */
  async function expectGone(before: number): Promise<void> {
    const started = (await pids()).slice(before)
    expect(started).toHaveLength(1)
    expect(started.filter(isAlive)).toEqual([])
  }
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // There is no such process.
  }
}

async function inDirectory(calls: readonly (readonly string[])[]): Promise<readonly CallResult[]> {
  return callAll(calls.map((argv) => ({ argv, cwd: directory })))
}
