import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { callAll, lines, starling, unprivileged, type CallResult } from './support/call.ts'

const FIXTURE = new URL('fixtures/runs.db', import.meta.url)
// Every call starts a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-databases-'))
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('a file that is no log', () => {
  const CASES: readonly (readonly [file: string, code: number, problem: RegExp])[] = [
    ['directory.db', 1, /directory/],
    ['text.db', 1, /not a database|not SQLite|not a SQLite/i],
    ['newer.db', 1, /newer/],
    ['foreign.db', 1, /migrate|not a Starling log/],
    ['postgres://ada:sesame@127.0.0.1:1/runs', 1, /127\.0\.0\.1:1\/runs: the server cannot be reached/],
    ['missing/runs.db', 5, /no log at missing\/runs\.db/],
  ]
  const COMMANDS: readonly (readonly string[])[] = [
    ['list'],
    ['validate'],
    ['prune', '--older-than', '1d', '--confirm'],
  ]
  let results: ReadonlyMap<string, CallResult>
  let before: ReadonlyMap<string, string>

  beforeAll(async () => {
    await mkdir(join(directory, 'directory.db'))
    await writeFile(join(directory, 'text.db'), 'dear diary, '.repeat(1000))
    await copyFile(FIXTURE, join(directory, 'newer.db'))
    sql('newer.db', 'INSERT INTO eventlog_schema_migrations (version, applied_at) VALUES (99, 1)')
    sql('foreign.db', 'CREATE TABLE events (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO events (title) VALUES (1)')
    before = await contents()
    const calls = CASES.flatMap(([file]) => COMMANDS.map(([name = '', ...flags]) => [name, file, ...flags]))
    const printed = await callAll(calls.map((argv) => ({ argv, cwd: directory })))
    results = new Map(calls.map((argv, index) => [argv.slice(0, 2).join(' '), printed[index] as CallResult]))
  })

  test.each(CASES.flatMap(([file, code, problem]) => COMMANDS.map(([name]) => [name, file, code, problem] as const)))(
    '%s %s exits with %i and one clear line',
    (...[name, file, code, problem]) => {
      const result = results.get(`${name} ${file}`)
      expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(problem) })
      expect(lines(result?.stderr ?? '')).toHaveLength(1)
      expect(result?.stderr).toMatch(/^starling: /)
    },
  )

  test('which version a newer one has is told all the same', async () => {
    const [version, doctor] = await callAll(
      ['schema-version', 'doctor'].map((name) => ({ argv: [name, 'newer.db'], cwd: directory })),
    )
    expect(version).toEqual({ code: 0, stdout: '99\n', stderr: '' })
    expect(doctor?.stdout).toContain('v99, this program writes v2; written by a newer starling: update this one')
    expect(doctor).toMatchObject({ code: 4, stdout: expect.stringMatching(/✗ chain validation +run /), stderr: '' })
  })

  test.each([0x00, 0x5a, 0xff])('a file with bytes overwritten by %i is called damaged, once', async (byte) => {
    const file = `overwritten-${byte}.db`
    const bytes = await readFile(FIXTURE)
    await writeFile(join(directory, file), bytes.fill(byte, 5000, 9000))
    const doctor = await starling(['doctor', file], { cwd: directory })
    expect(doctor).toMatchObject({ code: 4, stderr: '' })
    expect(doctor.stdout).not.toContain('migrate')
    expect(lines(doctor.stdout).filter((line) => line.startsWith('✗'))).toEqual([
      expect.stringMatching(/^✗ log +.*the database file is damaged/),
    ])
  })

  test('nothing in any of them was changed', async () => {
    expect(await contents()).toEqual(before)
  })

  async function contents(): Promise<ReadonlyMap<string, string>> {
    const files = ['text.db', 'newer.db', 'foreign.db']
    const digest = async (file: string): Promise<string> =>
      createHash('sha256')
        .update(await readFile(join(directory, file)))
        .digest('hex')
    return new Map(await Promise.all(files.map(async (file) => [file, await digest(file)] as const)))
  }
})

describe('a log in a file', () => {
  test('a reading command leaves the file and its directory as they are', async () => {
    const folder = join(directory, 'reading')
    await mkdir(folder)
    await copyFile(FIXTURE, join(folder, 'runs.db'))
    const bytes = await readFile(join(folder, 'runs.db'))
    const argvs = [
      ['show', 'runs.db', 'same-start-a'],
      ['tail', 'runs.db'],
      ['doctor', 'runs.db'],
      ['validate', 'runs.db'],
      ['export', 'runs.db', '--all'],
      ['prune', 'runs.db', '--older-than', '1d'],
    ]
    const results = await callAll(argvs.map((argv) => ({ argv, cwd: folder })))
    expect(results.map((result) => result.code)).toEqual([0, 0, 4, 4, 0, 0])
    expect(results.map((result) => result.stderr)).toEqual(argvs.map(() => ''))
    expect((await readFile(join(folder, 'runs.db'))).equals(bytes)).toBe(true)
    expect(await readdir(folder)).toEqual(['runs.db'])
  })

  test('list, search and stats keep what they derive, and change no event', async () => {
    const file = join(directory, 'derived.db')
    await copyFile(FIXTURE, file)
    const events = rowsOf('derived.db')
    const argvs = [
      ['list', file, '--json'],
      ['search', file, 'hello', '--json'],
      ['stats', file, '--json'],
    ]
    const first = await callAll(argvs.map((argv) => ({ argv })))
    expect(first.map(({ code, stderr }) => ({ code, stderr }))).toEqual(argvs.map(() => ({ code: 0, stderr: '' })))
    expect(tablesOf('derived.db')).toEqual(expect.arrayContaining(['starling_runs', 'starling_search']))
    expect(rowsOf('derived.db')).toEqual(events)
    expect(await callAll(argvs.map((argv) => ({ argv })))).toEqual(first)
  })

  test('where the log cannot be written they answer all the same, and change nothing', async () => {
    const folder = join(directory, 'protected')
    await mkdir(folder)
    await copyFile(FIXTURE, join(folder, 'runs.db'))
    const bytes = await readFile(join(folder, 'runs.db'))
    await chmod(join(folder, 'runs.db'), 0o444)
    await chmod(directory, 0o755)
    await chmod(folder, 0o555)
    for (const argv of [
      ['list', 'runs.db'],
      ['search', 'runs.db', 'hello'],
      ['stats', 'runs.db'],
    ]) {
      const result = await starling(argv, { cwd: folder, uid: unprivileged() })
      expect(result).toMatchObject({ code: 0, stderr: '' })
      expect(result.stdout).not.toBe('')
    }
    expect((await readFile(join(folder, 'runs.db'))).equals(bytes)).toBe(true)
    expect(await readdir(folder)).toEqual(['runs.db'])
  })

  test('the lossless form carries a whole log over, hash for hash', async () => {
    const source = join(directory, 'source.db')
    await copyFile(FIXTURE, source)
    const [exported] = await callAll([{ argv: ['export', source, '--format', 'raw'] }])
    const raw = exported?.stdout ?? ''
    const good = lines(raw)
      .filter((line) => JSON.parse(line).run_id !== 'tampered')
      .join('\n')
    const target = join(directory, 'target.db')
    const [imported, again, back, verdicts, whole] = await callAll([
      { argv: ['import', target, '-'], stdin: good },
      { argv: ['import', target, '-'], stdin: good },
      { argv: ['export', target, '--format', 'raw'] },
      { argv: ['validate', target, '--json'] },
      { argv: ['import', target, '-'], stdin: raw },
    ])
    expect(imported).toEqual({ code: 0, stdout: 'imported 23 runs (196 events)\n', stderr: '' })
    expect(again).toMatchObject({ code: 0, stdout: 'imported 0 runs (0 events); 23 runs already there\n' })
    expect(lines(back?.stdout ?? '').toSorted()).toEqual(lines(good).toSorted())
    expect(new Set(lines(verdicts?.stdout ?? '').map((line) => JSON.parse(line).status))).toEqual(
      new Set(['ok', 'open']),
    )
    expect(whole).toMatchObject({ code: 4, stdout: 'imported 0 runs (0 events); 23 runs already there\n' })
    expect(whole?.stderr).toMatch(
      /^starling: run "tampered" refused: event 3: .*PrevHash does not match prior event hash\n$/,
    )
  })

  test('a damaged run is carried over unverified: the same verdict, and every stored byte', async () => {
    const source = join(directory, 'damaged.db')
    const target = join(directory, 'kept.db')
    await copyFile(FIXTURE, source)
    const argv = ['export', source, 'tampered', '--format', 'raw']
    const [exported] = await callAll([{ argv }])
    const raw = exported?.stdout ?? ''
    const [refused, kept, back, before, after] = await callAll([
      { argv: ['import', target, '-'], stdin: raw },
      { argv: ['import', target, '-', '--unverified'], stdin: raw },
      { argv: ['export', target, 'tampered', '--format', 'raw'] },
      { argv: ['validate', source, 'tampered', '--json'] },
      { argv: ['validate', target, 'tampered', '--json'] },
    ])
    expect(refused?.code).toBe(4)
    expect(kept).toMatchObject({ code: 0, stdout: expect.stringMatching(/^imported 1 run /), stderr: '' })
    expect(back?.stdout).toBe(raw)
    expect(after).toEqual(before)
    expect(after?.code).toBe(4)
    expect(rowsOf('kept.db', 'tampered')).toEqual(rowsOf('damaged.db', 'tampered'))
  })

  test('rows of the wrong type damage their runs and no other', async () => {
    const file = join(directory, 'wrong-types.db')
    await copyFile(FIXTURE, file)
    sql('wrong-types.db', "UPDATE eventlog_events SET ts = 'abc' WHERE run_id = 'same-start-b' AND seq = 3")
    sql('wrong-types.db', "UPDATE eventlog_events SET kind = x'01' WHERE run_id = 'resumed' AND seq = 1")
    const output = join(directory, 'wrong-types.ndjson')
    const [validated, listed, one, all, toFile, shown, counted, searched] = await callAll(
      [
        ['validate', file, '--json'],
        ['list', file, '--json', '--limit', '0'],
        ['export', file, 'same-start-b'],
        ['export', file, '--format', 'raw'],
        ['export', file, '--format', 'raw', '--output', output],
        ['show', file, 'same-start-b', '--events'],
        ['stats', file, '--json'],
        ['search', file, 'hello', '--limit', '1'],
      ].map((argv) => ({ argv })),
    )
    const verdicts = lines(validated?.stdout ?? '').map((line) => JSON.parse(line))
    const corrupt = verdicts.filter(({ status }) => status === 'corrupt').map(({ run_id: runId }) => runId)
    expect({ code: validated?.code, corrupt }).toEqual({ code: 4, corrupt: ['same-start-b', 'resumed', 'tampered'] })
    expect(listed?.code).toBe(0)
    expect(JSON.parse(listed?.stdout ?? '')).toMatchObject({ total_matching: 24 })
    expect(one).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/"same-start-b" is exported only up to event 2: /),
    })
    expect(lines(one?.stdout ?? '')).toHaveLength(2)
    expect(lines(all?.stderr ?? '')).toEqual([
      expect.stringMatching(/^starling: run "resumed" is not exported: .*kind of event 1/),
      expect.stringMatching(/^starling: run "same-start-b" is exported only up to event 2: .*ts of event 3/),
    ])
    // 24 runs of 204 events, without the 10 of one run and the last 2 of another.
    expect({ code: all?.code, lines: lines(all?.stdout ?? '').length }).toEqual({ code: 4, lines: 192 })
    expect(toFile).toMatchObject({ code: 4, stdout: '', stderr: all?.stderr })
    expect(await readFile(output, 'utf8')).toBe(all?.stdout)
    expect(shown).toMatchObject({ code: 4, stderr: expect.stringMatching(/^starling: .*ts of event 3.*\n$/) })
    expect(JSON.parse(counted?.stdout ?? '')).toMatchObject({ runs: 24 })
    expect(searched?.code).toBe(0)
  })

  test('fork --to copies the file and cuts one run, never over an existing file', async () => {
    const source = join(directory, 'to-fork.db')
    const target = join(directory, 'forked.db')
    await copyFile(FIXTURE, source)
    const [forked, verdict, listed, refused, missing] = await callAll([
      { argv: ['fork', source, 'same-start-a', '--before', '3', '--to', target] },
      { argv: ['validate', target, 'same-start-a'] },
      { argv: ['list', target, '--json', '--limit', '0'] },
      { argv: ['fork', source, 'same-start-a', '--before', '3', '--to', target] },
      { argv: ['fork', source, 'nope', '--to', join(directory, 'other.db')] },
    ])
    expect(forked).toEqual({ code: 0, stdout: `forked 2 events into run same-start-a of ${target}\n`, stderr: '' })
    expect(verdict).toEqual({ code: 0, stdout: 'same-start-a\tOPEN\n', stderr: '' })
    expect(JSON.parse(listed?.stdout ?? '{}')).toMatchObject({ total_matching: 24 })
    expect(refused).toMatchObject({
      code: 1,
      stderr: `starling: ${target} exists already; choose another file with --to\n`,
    })
    expect(missing).toMatchObject({ code: 5 })
    expect(await readdir(directory)).not.toContain('other.db')
  })

  test('an older schema is migrated on request; a dry run only tells', async () => {
    const file = join(directory, 'older.db')
    await copyFile(FIXTURE, file)
    sql('older.db', 'DELETE FROM eventlog_schema_migrations WHERE version = 2')
    const printed = await callAll(
      [
        ['schema-version', file],
        ['doctor', file],
        ['migrate', '--dry-run', file],
        ['schema-version', file],
        ['migrate', file],
        ['schema-version', file],
        ['validate', file, 'same-start-a'],
      ].map((argv) => ({ argv })),
    )
    expect(printed.map((result) => result.stdout)).toEqual([
      '1\n',
      expect.stringContaining(
        `✗ schema version         v1, this program writes v2; run \`starling migrate ${file}\`\n`,
      ),
      '(dry run) sqlite would migrate 1 → 2 (apply: [2])\n',
      '1\n',
      'sqlite migrated 1 → 2 (applied: [2])\n',
      '2\n',
      'same-start-a\tOK\n',
    ])
  })
})

function tablesOf(file: string): readonly unknown[] {
  const database = new DatabaseSync(join(directory, file))
  try {
    return database
      .prepare('SELECT name FROM sqlite_schema')
      .all()
      .map(({ name }) => name)
  } finally {
    database.close()
  }
}

/** The stored bytes of the events, of one run or of all. */
function rowsOf(file: string, runId = '%'): unknown {
  const database = new DatabaseSync(join(directory, file))
  try {
    return database
      .prepare(
        'SELECT run_id, seq, prev_hash, CAST(ts AS TEXT) AS ts, kind, payload FROM eventlog_events WHERE run_id LIKE ? ORDER BY run_id, seq',
      )
      .all(runId)
  } finally {
    database.close()
  }
}

function sql(file: string, text: string): void {
  const database = new DatabaseSync(join(directory, file))
  database.exec(text)
  database.close()
}
