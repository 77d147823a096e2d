import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { callAll, lines, starling, type CallResult } from './support/call.ts'
import { startPostgres, type PostgresServer } from './support/postgres.ts'
import { start } from './support/start.ts'

const FIXTURE = new URL('fixtures/runs.db', import.meta.url)
// Who has signed the certificate that a server with TLS shows, for localhost.
const AUTHORITY = new URL('../../../packages/eventlog-postgres/test/fixtures/tls/ca.pem', import.meta.url)
// Who needs which rights is documented there.
const ROLES = new URL('../../../packages/eventlog-postgres/README.md', import.meta.url)
const AGENT = `
import { defineAgent } from '@starling/core'
import { createScriptedProvider } from '@starling/provider/scripted'
export const agent = defineAgent({
  provider: createScriptedProvider({ turns: [{ text: 'Hello.' }] }),
  model: 'scripted',
})
`
// Every call starts a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

let server: PostgresServer
let directory: string
/** The log of the fixture, but for the run that is damaged on purpose. */
let url: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-postgres-'))
  await copyFile(FIXTURE, join(directory, 'runs.db'))
  await writeFile(join(directory, 'agent.mjs'), AGENT)
  server = await startPostgres()
  url = `${server.url()}?schema=runs`
  const [copied] = await callAll([{ argv: ['copy', 'runs.db', url], cwd: directory }])
  if (copied?.code !== 4) throw new Error(copied?.stderr)
})

afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Makes calls in the folder, one after the other. */
async function callHere(...calls: readonly (readonly string[])[]): Promise<readonly CallResult[]> {
  return callAll(calls.map((argv) => ({ argv, cwd: directory })))
}

describe('what keeps a log in Postgres from being used is said in one line', () => {
  const NAMES = ['list', 'prune', 'run', 'copy', 'doctor'] as const
  const ARGUMENTS: Readonly<Record<(typeof NAMES)[number], (target: string) => readonly string[]>> = {
    list: (target) => ['list', target],
    prune: (target) => ['prune', target, '--older-than', '1d', '--confirm'],
    run: (target) => ['run', '--agent', 'agent.mjs', target, 'greet'],
    copy: (target) => ['copy', 'runs.db', target, '--run', 'same-start-a'],
    doctor: (target) => ['doctor', target],
  }
  const CASES: readonly (readonly [what: string, target: () => string, problem: RegExp])[] = [
    [
      'a server that is not there',
      () => 'postgres://ada:sesame@127.0.0.1:1/db',
      /127.*:1\/db: the server cannot be reached/,
    ],
    ['a wrong password', () => server.url('postgres', 'sesame'), /refuses this user or password \(28P01: /],
    ['a user that there is not', () => server.url('nobody', 'sesame'), /refuses this user or password \(28P01: /],
    [
      'a database that there is not',
      () => server.url(undefined, undefined, 'nowhere'),
      /\/nowhere: there is no such database/,
    ],
    [
      'a newer schema',
      () => `${server.url()}?schema=newer`,
      /newer than this binary: db=7 binary=1; use a newer starling/,
    ],
    [
      'a table of someone else',
      () => `${server.url()}?schema=foreign`,
      /foreign\.eventlog_events is not an event log, it lacks /,
    ],
    [
      'a server without TLS',
      () => `${server.url()}?sslmode=require`,
      /cannot be encrypted as asked for \(The server does not support SSL/,
    ],
    ['a URL that is none', () => 'postgres://ada:sesame@host:port:/x', /cannot open the database: its URL is none/],
    ['an encoding that makes no sense', () => 'postgres://ada:sesame%zz@127.0.0.1:1/db', /./],
  ]
  let results: ReadonlyMap<string, CallResult>
  let before: string

  beforeAll(async () => {
    await server.sql(
      'CREATE SCHEMA newer; CREATE TABLE newer.eventlog_schema_migrations (version integer)',
      'INSERT INTO newer.eventlog_schema_migrations VALUES (7)',
      'CREATE SCHEMA "foreign"; CREATE TABLE "foreign".eventlog_events (id integer)',
    )
    before = await contents()
    const calls = CASES.flatMap(([what, target]) =>
      NAMES.map((name) => ({ key: `${name} ${what}`, argv: ARGUMENTS[name](target()) })),
    )
    const printed = await callHere(...calls.map(({ argv }) => argv))
    results = new Map(calls.map(({ key }, index) => [key, printed[index] ?? { code: null, stdout: '', stderr: '' }]))
  })

  test.each(
    CASES.flatMap(([what, , problem]) =>
      NAMES.filter((name) => name !== 'doctor').map((name) => [name, what, problem] as const),
    ),
  )('%s: %s', (...[name, what, problem]) => {
    const result = results.get(`${name} ${what}`)
    expect(result).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(problem) })
    expect(lines(result?.stderr ?? '')).toHaveLength(1)
    expect(result?.stderr).toMatch(/^starling: /)
  })

  test.each(CASES.filter(([what]) => what !== 'a newer schema'))('doctor: %s', (...[what, , problem]) => {
    const { code, stdout, stderr } = results.get(`doctor ${what}`) ?? {}
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    const failed = lines(stdout ?? '').filter((line) => line.startsWith('✗'))
    expect(failed).toEqual([expect.stringMatching(/^✗ log +/)])
    expect(failed[0]).toMatch(problem)
  })

  test('doctor: a newer schema', () => {
    const { code, stdout } = results.get('doctor a newer schema') ?? {}
    expect(code).toBe(1)
    expect(stdout).toContain('✗ schema version         v7, this program writes v1; written by a newer starling')
  })

  test('and the password is in none of it', () => {
    for (const { stdout, stderr } of results.values()) expect(stdout + stderr).not.toMatch(/sesame|owner-password/)
  })

  test('nothing was changed', async () => {
    expect(await contents()).toBe(before)
  })

  async function contents(): Promise<string> {
    return JSON.stringify(
      await server.sql(
        `SELECT relnamespace::regnamespace::text AS schema, relname, relkind,
           pg_relation_size(oid) AS size FROM pg_class
         WHERE relnamespace::regnamespace::text IN ('public', 'newer', 'foreign') ORDER BY 1, 2`,
      ),
    )
  }
})

describe('a database without a log', () => {
  const READING: readonly (readonly string[])[] = [
    ['list'],
    ['show', 'a'],
    ['tail'],
    ['validate'],
    ['export', '--all'],
    ['search', 'x'],
    ['stats'],
    ['prune', '--older-than', '1d'],
    ['prune', '--older-than', '1d', '--confirm'],
    ['fork', 'a'],
    ['approvals'],
    ['resume', 'a', '--agent', 'agent.mjs'],
    ['replay', 'a', '--agent', 'agent.mjs'],
    ['approve', 'a', '--all'],
    ['deny', 'a', '--all'],
    ['copy', 'other.db'],
  ]

  test('is not found by what needs one, and gets no tables', async () => {
    const target = `${server.url()}?schema=empty`
    const shown = target.replace('owner-password', '…')
    const results = await callHere(...READING.map(([name = '', ...rest]) => [name, '--db', target, ...rest]))
    for (const result of results) {
      expect(result).toEqual({
        code: 5,
        stdout: '',
        stderr: `starling: no log at ${shown}; check the database and ?schema=, or make one with \`starling migrate\`\n`,
      })
    }
    expect(await server.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'empty'")).toEqual([])
    expect(await readdir(directory)).not.toContain('other.db')
  })

  test('is told what migrate would do, and gets a log by it', async () => {
    const target = `${server.url()}?schema=fresh`
    const [version, doctor, dry, migrated, again, listed] = await callHere(
      ['schema-version', target],
      ['doctor', target],
      ['migrate', target, '--dry-run'],
      ['migrate', target],
      ['migrate', target, '--json'],
      ['list', target],
    )
    expect(version).toEqual({ code: 0, stdout: '0\n', stderr: '' })
    expect(doctor).toMatchObject({ code: 1, stdout: expect.stringContaining('no log in schema fresh yet') })
    expect(doctor?.stdout).not.toContain('chain validation')
    expect(dry).toEqual({ code: 0, stdout: '(dry run) postgres would migrate 0 → 1 (apply: [1])\n', stderr: '' })
    expect(migrated).toEqual({ code: 0, stdout: 'postgres migrated 0 → 1 (applied: [1])\n', stderr: '' })
    expect(JSON.parse(again?.stdout ?? '')).toEqual({
      backend: 'postgres',
      from: 1,
      to: 1,
      applied: [],
      dry_run: false,
    })
    expect(listed).toEqual({ code: 0, stdout: '(no runs)\n', stderr: '' })
  })
})

describe('a log in Postgres', () => {
  test.each([
    [['list']],
    [['list', '--status', 'failed', '--json']],
    [['show', 'same-start-a', '--events']],
    [['tail', 'resumed', '-n', '3']],
    [['export', '--format', 'raw', 'same-start-a', 'tenant-a/alpha']],
    [['export', 'resumed', '--format', 'reference']],
    [['search', 'tool', '--json']],
    [['stats', '--json']],
    [['validate', 'resumed', '--json']],
    [['prune', '--before', '2026-01-01T00:00:00Z', '--json']],
    [['approvals']],
  ])('answers %j as the file does that it was copied from', async ([name = '', ...rest]) => {
    const [file, base] = await callHere([name, '--db', 'copied.db', ...rest], [name, '--db', url, ...rest])
    expect(base).toEqual(file)
    expect(file?.code).toBe(0)
  })

  beforeAll(async () => {
    const [back] = await callHere(['copy', url, 'copied.db'])
    if (back?.stdout !== 'copied 23 runs (196 events) to copied.db\n') throw new Error(back?.stderr)
  })

  test('is copied and copied back without a byte changed', async () => {
    const [file, base] = await callHere(['export', 'copied.db', '--format', 'raw'], ['export', url, '--format', 'raw'])
    const sorted = (result: CallResult | undefined): readonly string[] => lines(result?.stdout ?? '').toSorted()
    expect(sorted(base)).toEqual(sorted(file))
    expect(sorted(base)).toHaveLength(196)
  })

  test('takes what a file exported, and goes on where it was cut off', async () => {
    const target = `${server.url()}?schema=imported`
    const [exported] = await callHere(['export', 'copied.db', '--format', 'raw', 'resumed', 'same-start-a'])
    const all = exported?.stdout ?? ''
    const half = all.split('\n').slice(0, 6).join('\n')
    const results = await callAll(
      [half, all, all].map((stdin) => ({ argv: ['import', target, '-'], cwd: directory, stdin })),
    )
    expect(results.map(({ stdout }) => stdout)).toEqual([
      'imported 1 run (6 events)\n',
      'imported 2 runs (8 events)\n',
      'imported 0 runs (0 events); 2 runs already there\n',
    ])
  })

  test('is copied to another database without passing through a file', async () => {
    const target = `${server.url()}?schema=mirror`
    const [one, rest, none] = await callHere(
      ['copy', url, target, '--run', 'resumed', '--run', 'same-start-a', '--json'],
      ['copy', url, target],
      ['copy', url, target, '--json'],
    )
    const shown = (text: string): string => text.replace('owner-password', '…')
    expect(JSON.parse(one?.stdout ?? '')).toEqual({
      from: shown(url),
      to: shown(target),
      dry_run: false,
      runs: 2,
      events: 14,
      unchanged: 0,
      refused: 0,
      pending: 0,
      results: [],
    })
    expect(rest?.stdout).toBe(`copied 21 runs (182 events) to ${shown(target)}; 2 runs already there\n`)
    expect(JSON.parse(none?.stdout ?? '')).toMatchObject({ runs: 0, unchanged: 23 })
  })

  test('is pruned and forked', async () => {
    const target = `${server.url()}?schema=pruned`
    const [, dry, forked, pruned, listed, validated] = await callHere(
      ['copy', url, target, '--run', 'same-start-a', '--run', 'same-start-b'],
      ['prune', target, '--before', '2026-01-01T00:00:00Z'],
      ['fork', target, 'same-start-b', '--before', '3', '--as', 'kept'],
      ['prune', target, '--before', '2026-01-01T00:00:00Z', '--confirm'],
      ['list', target, '--json'],
      ['validate', target],
    )
    expect(dry?.stdout).toBe('would delete 2 runs (8 events) before 2026-01-01T00:00:00Z\nsame-start-a\nsame-start-b\n')
    expect(forked?.stdout).toMatch(/^forked 2 events into run kept of postgres:\/\/postgres:…@/)
    expect(pruned?.stdout).toBe('deleted 2 runs (8 events) before 2026-01-01T00:00:00Z\nsame-start-a\nsame-start-b\n')
    expect(JSON.parse(listed?.stdout ?? '').runs).toMatchObject([{ run_id: 'kept' }])
    expect(validated?.stdout).toBe('kept\tOPEN\n')
  })

  test('cannot be cut as a copy in a file, nor a file as a copy in it', async () => {
    const [base, file] = await callHere(
      ['fork', url, 'resumed', '--to', 'cut.db'],
      ['fork', 'runs.db', 'resumed', '--to', `${server.url()}?schema=cut`],
    )
    expect(base).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be copied to a file and cut at once'),
    })
    expect(file).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--to needs the path of a file, got postgres://'),
    })
    expect(await readdir(directory)).not.toContain('cut.db')
  })

  test('is described by doctor: server, rights, derived tables, announcements', async () => {
    const [healthy] = await callHere(['doctor', url])
    expect(healthy).toMatchObject({ code: 0, stderr: '' })
    for (const line of [
      /^✓ log +postgres:\/\/postgres:…@\S+\?schema=runs can be read$/m,
      /^✓ server +Postgres \d+\.\d+.*, without TLS$/m,
      /^✓ rights +postgres may read, append, lease runs, keep summaries and search, prune, migrate in schema runs$/m,
      /^✓ derived tables +v\d+, \d+ runs changed since they were summed up, /m,
      /^✓ live tail +announcements arrive/m,
      /^✓ schema version +v1, up to date$/m,
      /^✓ chain validation +23 runs validated, 1 not ended$/m,
    ]) {
      expect(healthy?.stdout).toMatch(line)
    }
  })
})

describe('rights', () => {
  beforeAll(async () => {
    await server.sql(
      "CREATE ROLE reader LOGIN PASSWORD 'reader-password'",
      'GRANT USAGE ON SCHEMA runs TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA runs TO reader',
      "CREATE ROLE stranger LOGIN PASSWORD 'stranger-password'",
    )
  })

  test('who may only read reads, and is refused the rest in one line', async () => {
    const target = `${server.url('reader', 'reader-password')}?schema=runs`
    const [list, search, show, prune, run, doctor] = await callHere(
      ['list', target, '--limit', '1', '--json'],
      ['search', target, 'tool', '--limit', '1', '--json'],
      ['show', target, 'resumed'],
      ['prune', target, '--older-than', '1d', '--confirm'],
      ['run', '--agent', 'agent.mjs', target, 'greet'],
      ['doctor', target],
    )
    expect([list, search, show].map((result) => [result?.code, result?.stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ])
    for (const refused of [prune, run]) {
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused?.stderr).toMatch(/^starling: .*the user lacks a right \(42501: [^\n]*\)\n$/)
    }
    expect(doctor?.stdout).toMatch(
      /^· rights +reader may read in schema runs; reader may not append, lease runs, keep .*, prune, migrate in schema runs$/m,
    )
  })

  test('a writer and a retention job need no more than what is documented', async () => {
    const at = (user: string): string => `${server.url(user, 'change-me')}?schema=roles`
    await callHere(['migrate', `${server.url()}?schema=roles`])
    const [, sql = ''] = /```sql roles\n(.*?)```/s.exec(await readFile(ROLES, 'utf8')) ?? []
    await server.sql(sql.replaceAll('SCHEMA public', 'SCHEMA roles').replaceAll('public.', 'roles.'))
    const [run, copied, listed, unpruned, pruned, unwritten] = await callHere(
      ['run', '--agent', 'agent.mjs', '--id', 'mine', at('starling_writer'), 'greet'],
      ['copy', url, at('starling_writer'), '--run', 'same-start-a'],
      ['list', at('starling_reader'), '--json'],
      ['prune', at('starling_writer'), '--before', '2026-01-01T00:00:00Z', '--confirm'],
      ['prune', at('starling_retention'), '--before', '2026-01-01T00:00:00Z', '--confirm'],
      ['copy', url, at('starling_retention'), '--run', 'same-start-a'],
    )
    expect(run).toMatchObject({ code: 0, stdout: 'Hello.\n' })
    expect(copied).toMatchObject({ code: 0, stdout: expect.stringMatching(/^copied 1 run \(4 events\) /) })
    expect(JSON.parse(listed?.stdout ?? '').runs).toMatchObject([{ run_id: 'mine' }, { run_id: 'same-start-a' }])
    expect(unpruned).toMatchObject({ code: 1, stderr: expect.stringContaining('the user lacks a right') })
    expect(pruned).toMatchObject({ code: 0, stdout: expect.stringMatching(/^deleted 1 runs \(4 events\) /) })
    expect(unwritten).toMatchObject({ code: 1, stderr: expect.stringContaining('the user lacks a right') })
  })

  test('who may not even read is told so, and which right is missing', async () => {
    const target = `${server.url('stranger', 'stranger-password')}?schema=runs`
    for (const result of await callHere(['list', target], ['migrate', target], ['copy', 'runs.db', target])) {
      expect(result).toMatchObject({ code: 1, stdout: '' })
      expect(lines(result.stderr)).toEqual([expect.stringMatching(/the user lacks a right|permission denied/)])
    }
  })
})

describe('a password', () => {
  test('comes from PGPASSWORD, too', async () => {
    const target = url.replace(':owner-password', '')
    const env = { PGPASSWORD: 'owner-password' }
    const [without, given, hidden] = await callAll([{ argv: ['list', target, '--limit', '1'], cwd: directory }]).then(
      async ([first]) => [
        first,
        await starling(['list', target, '--limit', '1'], { cwd: directory, env }),
        await starling(['list', url.replace('owner-password', '…'), '--limit', '1'], { cwd: directory, env }),
      ],
    )
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('refuses this user or password') })
    expect(given).toMatchObject({ code: 0, stderr: '' })
    expect(hidden).toEqual(given)
  })

  test('is left out of what is printed, which works again where STARLING_DB has it', async () => {
    const env = { STARLING_DB: url }
    const [unknown] = await callAll([{ argv: ['show', 'nothing'], cwd: directory, env }])
    const shown = url.replace('owner-password', '…')
    expect(unknown).toMatchObject({
      code: 5,
      stderr: `starling: run "nothing" not found in ${shown}; \`starling list '${shown}'\` shows what is there\n`,
    })
    const [typed] = await callAll([{ argv: ['list', shown, '--json'], cwd: directory, env }])
    expect(typed).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a live run in Postgres', () => {
  test('is recorded, followed by another process to its end, and replayed', async () => {
    const target = `${server.url()}?schema=live`
    await starling(['run', '--agent', 'agent.mjs', '--id', 'first', target, 'greet'], { cwd: directory })
    await starling(['fork', target, 'first', '--before', '3', '--as', 'second'], { cwd: directory })
    const follower = start(['tail', '-f', target, 'second'], { cwd: directory })
    await follower.wrote('RunStarted')
    const resumed = await starling(['resume', '--agent', 'agent.mjs', target, 'second'], { cwd: directory })
    expect(resumed).toMatchObject({ code: 0, stdout: 'Hello.\n' })
    const followed = await follower.ended
    expect(followed).toMatchObject({ code: 0, stderr: '' })
    expect(followed.stdout).toMatch(/RunCompleted/)
    const [replayed, validated] = await callHere(
      ['replay', '--agent', 'agent.mjs', target, 'second'],
      ['validate', target],
    )
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^OK: replay matches/) })
    expect(lines(validated?.stdout ?? '').toSorted()).toEqual(['first\tOK', 'second\tOK'])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('a follower that gets %s ends with %i, and says nothing', async (signal, code) => {
    const follower = start(['tail', '-f', url, 'in progress?'], { cwd: directory })
    await follower.wrote('RunStarted')
    follower.signal(signal)
    expect(await follower.ended).toMatchObject({ code, stderr: '' })
  })
})

describe('TLS', () => {
  let secure: PostgresServer

  beforeAll(async () => {
    secure = await startPostgres({ tls: true })
  })

  afterAll(async () => {
    await secure.stop()
  })

  test('means what sslmode says', async () => {
    const at = (parameters: string): string => `${secure.url().replace('127.0.0.1', 'localhost')}?${parameters}`
    const results = await callHere(
      ['doctor', at('sslmode=require')],
      ['doctor', at('sslmode=disable')],
      ['list', at('sslmode=verify-full')],
      ['list', at('sslmode=verify-full&sslrootcert=/nonexistent/ca.pem')],
      ['doctor', at(`sslmode=verify-full&sslrootcert=${encodeURIComponent(fileURLToPath(AUTHORITY))}`)],
    )
    expect(results[0]?.stdout).toMatch(/^✓ server +Postgres .*, over TLS$/m)
    expect(results[1]?.stdout).toMatch(/^✓ server +Postgres .*, without TLS$/m)
    expect(results[2]).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be encrypted as asked for') })
    expect(results[3]).toMatchObject({ code: 1, stderr: expect.stringContaining('names a file that cannot be read') })
    expect(results[4]?.stdout).toMatch(/^✓ server +Postgres .*, over TLS$/m)
    for (const { stderr } of results) expect(lines(stderr).length).toBeLessThan(2)
  })
})
