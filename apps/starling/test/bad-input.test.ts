import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callAll, lines, starling, unprivileged, type CallResult } from './support/call.ts'

const FIXTURE = new URL('fixtures/runs.db', import.meta.url)
const HEAD = `import { createScriptedProvider } from '@starling/provider/scripted'\nconst provider = createScriptedProvider({ turns: [{ text: 'hi' }] })\n`

const AGENTS: Readonly<Record<string, string>> = {
  'ok.ts': `${HEAD}export const agent = { provider, model: 'm' }\n`,
  'cap.ts': `${HEAD}export const agent = { provider, model: 'm', budget: { maxUsdd: 1 } }\n`,
  'negative.ts': `${HEAD}export const agent = { provider, model: 'm', budget: { maxUsd: -1 } }\n`,
  'retry.ts': `${HEAD}export const agent = { provider, model: 'm', retry: { maxAttempt: 3 } }\n`,
  'prices.ts': `${HEAD}export const agent = { provider, model: 'm', prices: { m: { inputt: 3 } } }\n`,
  'on-error.ts': `${HEAD}export const agent = { provider, model: 'm', onToolError: 'explode' }\n`,
  'same-name.ts': `${HEAD}const tool = { name: 't', description: 'd', inputSchema: '{}', execute: async () => '1' }\nexport const agent = { provider, model: 'm', tools: [tool, tool] }\n`,
}

type Case = readonly [argv: readonly string[], code: number, problem: string | RegExp]

const NOT_FOUND = 'run "nope" not found in runs.db; `starling list runs.db` shows what is there'

const CASES: readonly Case[] = [
  // Arguments. What is wrong with a flag of one command is tested beside it.
  [['frobnicate'], 2, 'unknown command "frobnicate"'],
  [['lst', 'runs.db'], 2, 'unknown command "lst"; did you mean list?'],
  [['--db', 'runs.db'], 2, 'missing command'],
  [['list', 'runs.db', '--nope'], 2, 'unknown option --nope'],
  [['list', 'runs.db', '--limt', '3'], 2, 'unknown option --limt; did you mean --limit?'],
  [['list', 'runs.db', '--limit', '-1'], 2, '--limit needs a whole number of 0 or more, got "-1"'],
  [['list', 'runs.db', '--limit', '9'.repeat(20)], 2, /^--limit needs a whole number/],
  [['list', 'runs.db', '--limit'], 2, '--limit needs a value: --limit <n>'],
  [['list', 'runs.db', 'other.db'], 2, 'unexpected argument "other.db"'],
  [['list', ''], 2, 'the path of the log is empty'],
  [['list'], 2, 'missing <db>: name a log, or set STARLING_DB'],
  [['run', '-a', 'ok.ts', 'new.db'], 2, 'missing <goal>'],
  [['run', '-a', 'ok.ts', 'new.db', ' '], 2, 'the goal is empty'],
  [['run', '-a', '', 'new.db', 'go'], 2, '--agent needs the path of a module, got an empty text'],
  [['run', '-a', 'ok.ts', 'new.db', 'go', '--id', ''], 2, '--id needs the id of a run, got an empty text'],
  [
    ['run', '-a', 'ok.ts', 'new.db', 'go', '--approve', 'maybe'],
    2,
    '--approve must be one of ask, all, none, later; got "maybe"',
  ],
  [['export', 'runs.db', 'same-start-a', '-o', 'runs.db'], 2, 'runs.db is the log itself; name another file'],
  [['export', 'runs.db', 'same-start-a', '-o', '.'], 2, '. is a directory; name a file'],
  [['export', 'runs.db', 'same-start-a', '-o', 'none/x'], 1, 'cannot write none/x: the directory does not exist'],
  [['export', 'runs.db', 'same-start-a', '-o', '/dev/full'], 1, 'cannot write /dev/full: the disk is full'],
  [['completion', 'tcsh'], 2, 'shell must be one of bash, zsh, fish; got "tcsh"'],
  // Runs that are not there, or not in the state for it.
  ...[
    ['show', 'runs.db', 'nope'],
    ['tail', 'runs.db', 'nope'],
    ['validate', 'runs.db', 'nope'],
    ['export', 'runs.db', 'nope'],
    ['fork', 'runs.db', 'nope'],
    ['search', 'runs.db', 'hello', '--run', 'nope'],
    ['replay', '-a', 'ok.ts', 'runs.db', 'nope'],
    ['resume', '-a', 'ok.ts', 'runs.db', 'nope'],
    ['approvals', 'runs.db', 'nope'],
    ['approve', 'runs.db', 'nope'],
    ['deny', 'runs.db', 'nope', 'call', '-a', 'ok.ts'],
  ].map((argv): Case => [argv, 5, NOT_FOUND]),
  [['show', 'runs.db', 'same-start-a', '--seq', '99'], 5, 'run "same-start-a" has no event 99; it has 1 to 4'],
  [['run', '-a', 'ok.ts', 'runs.db', 'go', '--id', 'same-start-a'], 1, 'the log already has a run same-start-a'],
  [['resume', '-a', 'ok.ts', 'runs.db', 'same-start-a'], 1, 'run same-start-a has ended and cannot be resumed'],
  [['resume', '-a', 'ok.ts', 'runs.db', 'tampered'], 4, /^run tampered is corrupt: .*prev-hash mismatch at index 2$/],
  [['replay', '-a', 'ok.ts', 'runs.db', 'tampered'], 4, /^run tampered is corrupt: .*prev-hash mismatch at index 2$/],
  [['approve', 'runs.db', 'tampered'], 1, 'run tampered has ended: none of its calls waits for a decision'],
  [
    ['deny', 'runs.db', 'same-start-a', '--all'],
    1,
    'run same-start-a has ended: none of its calls waits for a decision',
  ],
  [['approve', 'runs.db', 'same-start-a', '-a', 'cap.ts'], 1, /^cap\.ts: a budget has no cap named maxUsdd/],
  [['approve', 'runs.db', 'same-start-a', '--result', 'no'], 2, /^--result is not JSON: /],
  [['fork', 'runs.db', 'tampered'], 4, /prev-hash mismatch at index 2$/],
  // Options of an agent that load, but mean nothing.
  ...['run', 'replay', 'resume'].flatMap((command): readonly Case[] => [
    [[command, '-a', 'cap.ts', 'runs.db', 'x'], 1, 'cap.ts: a budget has no cap named maxUsdd; did you mean maxUsd?'],
    [
      [command, '-a', 'negative.ts', 'runs.db', 'x'],
      1,
      'negative.ts: budget maxUsd is -1, expected a number of 0 or more',
    ],
    [
      [command, '-a', 'retry.ts', 'runs.db', 'x'],
      1,
      'retry.ts: retry has no option named maxAttempt; did you mean maxAttempts?',
    ],
    [[command, '-a', 'prices.ts', 'runs.db', 'x'], 1, /^prices\.ts: /],
    [
      [command, '-a', 'on-error.ts', 'runs.db', 'x'],
      1,
      'on-error.ts: onToolError is "explode", expected feedback or fail',
    ],
    [[command, '-a', 'same-name.ts', 'runs.db', 'x'], 1, /^same-name\.ts: .*\bt\b/],
  ]),
  // Databases. A command that writes must refuse what it cannot read.
  ...['list', 'validate', 'stats', 'schema-version', 'migrate', 'tail', 'approvals'].flatMap(
    (command): readonly Case[] => [
      [[command, 'garbage.db'], 1, /not a SQLite database/],
      [[command, 'header.db'], 1, /not a SQLite database|damaged/],
      [[command, 'truncated.db'], 4, /damaged/],
      [[command, 'directory.db'], 1, /it is a directory$/],
      [[command, 'none.db'], 5, 'no log at none.db; check the path, or make one with `starling run`'],
    ],
  ),
  ...['garbage.db', 'foreign.db', 'other-table.db', 'directory.db', 'none/new.db'].flatMap((file): readonly Case[] => [
    [
      ['run', '-a', 'ok.ts', file, 'go'],
      1,
      new RegExp(`${file}.*(not a SQLite|not a Starling|not an event log|a directory|does not exist)`),
    ],
    [
      ['import', file, 'one.ndjson'],
      1,
      new RegExp(`${file}.*(not a SQLite|not a Starling|not an event log|a directory|does not exist|no such column)`),
    ],
  ]),
  [['import', 'new.db', 'none.ndjson'], 5, 'no file none.ndjson; check the path, or use - for stdin'],
  [['import', 'new.db', 'garbage.db'], 1, /^garbage\.db: .*; nothing was imported$/],
]

/** What a user without rights meets. */
const PROTECTED: readonly Case[] = [
  [['list', 'secret.db'], 1, /secret\.db: permission denied$/],
  [['run', '-a', 'ok.ts', 'secret.db', 'go'], 1, /secret\.db cannot be written, permission denied$/],
  [['run', '-a', 'ok.ts', 'new.db', 'go'], 1, /new\.db: permission denied$/],
  [['run', '-a', 'secret.ts', 'new.db', 'go'], 1, /^secret\.ts failed while loading: EACCES: permission denied/],
  [['import', 'new.db', 'secret.ndjson'], 1, 'secret.ndjson: permission denied; nothing was imported'],
  [['approve', 'runs.db', 'same-start-a'], 1, /runs\.db cannot be written, permission denied$/],
  [['prune', 'runs.db', '--older-than', '1d', '--confirm'], 1, /runs\.db cannot be written, permission denied$/],
  [['export', 'runs.db', 'same-start-a', '-o', 'x.ndjson'], 1, 'cannot write x.ndjson: permission denied'],
  [['init', 'project'], 1, /^cannot make project: no directory can be made at .*project, permission denied$/],
]

let directory: string
let before: ReadonlyMap<string, string>
let results: readonly CallResult[]

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-bad-input-'))
  for (const [name, text] of Object.entries(AGENTS)) await writeFile(join(directory, name), text)
  await copyFile(FIXTURE, join(directory, 'runs.db'))
  const [exported] = await callAll([
    { argv: ['export', 'runs.db', 'same-start-a', '--format', 'raw'], cwd: directory },
    // Brings what is derived up to date: from here on nothing has a reason to change.
    { argv: ['search', 'runs.db', 'hello'], cwd: directory },
  ])
  await writeFile(join(directory, 'one.ndjson'), exported?.stdout ?? '')
  const good = await readFile(FIXTURE)
  const noise = Buffer.alloc(20_000, 'noise ')
  await writeFile(join(directory, 'garbage.db'), noise)
  await writeFile(join(directory, 'header.db'), Buffer.concat([good.subarray(0, 16), noise]))
  await writeFile(join(directory, 'truncated.db'), good.subarray(0, 20_000))
  await mkdir(join(directory, 'directory.db'))
  sql('foreign.db', 'CREATE TABLE events (id INTEGER PRIMARY KEY, title TEXT)')
  sql('other-table.db', 'CREATE TABLE eventlog_events (id INTEGER PRIMARY KEY)')
  for (const secret of ['secret.db', 'secret.ts', 'secret.ndjson']) {
    await writeFile(join(directory, secret), '')
    await chmod(join(directory, secret), 0o000)
  }
  before = await contents()
  results = await callAll(CASES.map(([argv]) => ({ argv, cwd: directory })))
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('bad input', () => {
  test.each(CASES.map((entry, index) => ({ call: entry[0].join(' '), exit: entry[1], entry, index })))(
    '$call exits with $exit and one clear line',
    ({ entry, index }) => {
      expectFailure(results[index], entry)
    },
  )

  test('no event was changed by any of it, no other file either, and nothing was made', async () => {
    expect(await contents()).toEqual(before)
  })
})

describe('what one has no rights for', () => {
  test.each(PROTECTED.map((entry) => ({ call: entry[0].join(' '), exit: entry[1], entry })))(
    '$call exits with $exit and one clear line',
    async ({ entry }) => {
      await chmod(directory, 0o555)
      expectFailure(await starling(entry[0], { cwd: directory, uid: unprivileged() }), entry)
      await chmod(directory, 0o755)
      expect(await contents()).toEqual(before)
    },
  )
})

test('a log that is an empty file can be imported into', async () => {
  await writeFile(join(directory, 'empty.db'), '')
  const [imported, verdict] = await callAll([
    { argv: ['import', 'empty.db', 'one.ndjson'], cwd: directory },
    { argv: ['validate', 'empty.db'], cwd: directory },
  ])
  expect(imported).toEqual({ code: 0, stdout: 'imported 1 run (4 events)\n', stderr: '' })
  expect(verdict?.stdout).toBe('same-start-a\tOK\n')
})

test.each([
  ['text that is not JSON', '{"a":'],
  ['something that is no object', '[1]'],
  ['no text at all', ''],
  ['nesting without an end', '['.repeat(100_000)],
  ['a number that no type can hold', '{"a":1e999}'],
])('of a model that sends %s the run is told, and goes on', async (_title, text) => {
  const folder = await mkdtemp(join(directory, 'model-'))
  await writeFile(
    join(folder, 'agent.ts'),
    `import { createScriptedProvider } from '@starling/provider/scripted'
import { defineTool } from '@starling/tool'
import * as z from 'zod'
const tool = defineTool({ name: 't', description: 'd', input: z.object({ a: z.number() }), execute: () => 'done' })
const text: string = ${JSON.stringify(text)}
export const agent = {
  model: 'm',
  tools: [tool],
  provider: createScriptedProvider({
    turns: ({ messages }) =>
      messages.at(-1)?.role === 'tool' ? { text: 'I see.' } : { toolCalls: [{ id: 'c', name: 't', arguments: text }] },
  }),
}
`,
  )
  const argvs = [
    ['run', '-a', 'agent.ts', 'runs.db', 'go', '--id', 'r', '-q'],
    ['validate', 'runs.db'],
    ['replay', '-a', 'agent.ts', 'runs.db', 'r'],
    ['show', 'runs.db', 'r', '--events'],
  ]
  const [ran, verdict, replayed, shown] = await callAll(argvs.map((argv) => ({ argv, cwd: folder })))
  expect(ran).toEqual({ code: 0, stdout: 'I see.\n', stderr: '' })
  expect(verdict?.stdout).toBe('r\tOK\n')
  expect(replayed).toMatchObject({ code: 0, stderr: '' })
  expect(shown?.stdout).toContain('ToolCallFailed')
})

function expectFailure(result: CallResult | undefined, [, code, problem]: Case): void {
  expect(result).toMatchObject({ code, stdout: '' })
  const [line = '', hint, ...rest] = lines(result?.stderr ?? '')
  expect(line).toMatch(/^starling: /)
  expect(rest).toEqual([])
  // Only a usage error has a second line: where to read on.
  expect(hint ?? '').toMatch(code === 2 ? /^Run 'starling .*' for usage\.$/ : /^$/)
  expect(line.slice('starling: '.length)).toMatch(typeof problem === 'string' ? exactly(problem) : problem)
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`)
}

/** Every file with a digest of what is in it; of the log, of its events: who may run in it is noted beside them. */
async function contents(): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isFile())
  const digest = async (name: string): Promise<readonly [string, string]> => {
    const content = name === 'runs.db' ? eventsOf(name) : await readFile(join(directory, name))
    return [name, createHash('sha256').update(content).digest('hex')]
  }
  return new Map(await Promise.all(files.map(async ({ name }) => digest(name))))
}

function eventsOf(file: string): string {
  const database = new DatabaseSync(join(directory, file))
  try {
    const columns = 'run_id, seq, hex(prev_hash), CAST(ts AS TEXT), kind, hex(payload)'
    return JSON.stringify(database.prepare(`SELECT ${columns} FROM eventlog_events ORDER BY run_id, seq`).all())
  } finally {
    database.close()
  }
}

function sql(file: string, text: string): void {
  const database = new DatabaseSync(join(directory, file))
  database.exec(text)
  database.close()
}
