import { KIND, type Event } from '@starling/event'
import { describe, expect, test } from 'vitest'
import { EXIT, type StoredLog, type Diagnosis } from '../src/index.ts'
import { call, documents, lines } from './support/call.ts'
import { chain, complete, helloEntries, helloRun, runStarted } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'

const DAY = 86_400_000_000_000n
const JANUARY_1 = 1_767_225_600_000_000_000n

describe('validate', () => {
  test('an ended run is OK, one without an end is OPEN, a wrong root is CORRUPT', async () => {
    const store = await threeRuns()
    const { code, stdout } = await call(['validate', 'x.db'], { store })
    expect(code).toBe(EXIT.corrupt)
    expect(lines(stdout)).toEqual([
      'corrupt\tCORRUPT: eventlog: log failed validation: merkle root mismatch',
      'open\tOPEN',
      'good\tOK',
    ])
  })

  test('an open run is no failure', async () => {
    const { code, stdout } = await call(['validate', 'x.db', 'open'], { store: await threeRuns() })
    expect({ code, stdout }).toEqual({ code: EXIT.ok, stdout: 'open\tOPEN\n' })
  })

  test('--json prints one object per run with the verdict of the log format', async () => {
    const { code, stdout } = await call(['validate', '--json', 'x.db'], { store: await threeRuns() })
    expect(code).toBe(EXIT.corrupt)
    const failed = 'eventlog: log failed validation:'
    expect(documents(stdout)).toEqual([
      { run_id: 'corrupt', status: 'corrupt', events: 4, reason: `${failed} merkle root mismatch` },
      {
        run_id: 'open',
        status: 'open',
        events: 3,
        reason: `${failed} last event kind AssistantMessageCompleted is not terminal`,
      },
      { run_id: 'good', status: 'ok', events: 4, reason: null },
    ])
  })

  test('a damaged run without an end tells what is damaged, not only that it has not ended', async () => {
    const store = createMemoryStore()
    const twice = chain('r', [
      [KIND.RunStarted, runStarted('x')],
      [KIND.TurnStarted, { turnId: 't1', promptHash: null, inputTokens: 1 }],
      [KIND.TurnStarted, { turnId: 't2', promptHash: null, inputTokens: 1 }],
    ])
    await store.add('x.db', twice)
    const [document] = documents((await call(['validate', 'x.db', '--json'], { store })).stdout)
    expect(document).toMatchObject({
      reason: 'eventlog: log failed validation: last event kind TurnStarted is not terminal',
      detail: 'TurnStarted at index 2 while turn "t1" is still open',
    })
    const { code, stdout } = await call(['validate', 'x.db'], { store })
    expect(code).toBe(EXIT.corrupt)
    expect(stdout).toBe(
      'r\tCORRUPT: eventlog: log failed validation: last event kind TurnStarted is not terminal; ' +
        'TurnStarted at index 2 while turn "t1" is still open\n',
    )
  })

  test('an unknown run is not found', async () => {
    const { code, stdout, stderr } = await call(['validate', 'x.db', 'missing "run"'], { store: await threeRuns() })
    expect({ code, stdout }).toEqual({ code: EXIT.notFound, stdout: '' })
    expect(stderr).toBe(
      'starling: run "missing \\"run\\"" not found in x.db; `starling list x.db` shows what is there\n',
    )
  })

  test('a log without runs is fine', async () => {
    const store = createMemoryStore()
    await store.add('x.db')
    await store.open('x.db', 'create')
    expect(await call(['validate', 'x.db'], { store })).toMatchObject({ code: EXIT.ok, stdout: '(no runs)\n' })
    expect(await call(['validate', 'x.db', '--json'], { store })).toMatchObject({ code: EXIT.ok, stdout: '' })
  })

  test('a run id cannot break the lines or steer the terminal', async () => {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('a\tb\nc\u001B[2J'))
    expect((await call(['validate', 'x.db'], { store })).stdout).toBe('a\\tb\\nc\\x1b[2J\tOK\n')
  })

  test('more runs than one page are all checked', async () => {
    const store = createMemoryStore()
    const runs = Array.from({ length: 501 }, (_, index) => helloRun(`r${index}`, JANUARY_1 + BigInt(index)))
    await store.add('x.db', ...runs)
    const ids = lines((await call(['validate', 'x.db'], { store })).stdout).map((line) => line.split('\t')[0])
    expect(ids).toEqual(runs.map((run) => run[0]?.runId).toReversed())
  })
})

describe('arguments that select nothing', () => {
  test.each([
    [['fork', 'x.db', 'good', '--before', '1'], '--before 1 keeps no event; the smallest is 2, and 0 keeps all'],
    [['fork', 'x.db', 'good', '--as', ''], '--as needs the id of a run, got an empty text'],
    [['fork', 'x.db', 'good', '--to', ''], '--to needs the path of a file, got an empty text'],
    [['search', 'x.db', 'hello', '--limit', '0'], '--limit needs 1 or more, got 0'],
    [['show', 'x.db', 'good', '--seq', '0'], '--seq counts from 1, got 0'],
  ])('%j is a usage error', async (argv, problem) => {
    const { code, stderr } = await call(argv, { store: await threeRuns() })
    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain(`starling: ${problem}\n`)
  })

  test('a search in an unknown run is not found', async () => {
    const { code, stderr } = await call(['search', 'x.db', 'hello', '--run', 'nope'], { store: await threeRuns() })
    expect(code).toBe(EXIT.notFound)
    expect(stderr).toContain('run "nope" not found in x.db')
  })

  test('a corrupt run is shown as such', async () => {
    const store = await threeRuns()
    const text = await call(['show', 'x.db', 'corrupt'], { store })
    expect(lines(text.stdout).at(-1)).toBe('CORRUPT: merkle root mismatch')
    const [document] = documents((await call(['show', 'x.db', 'corrupt', '--json'], { store })).stdout)
    expect(document.corrupt).toBe('merkle root mismatch')
    expect((await call(['show', 'x.db', 'good'], { store })).stdout).not.toContain('CORRUPT')
  })
})

describe('list', () => {
  test('the newest run stands first', async () => {
    const { code, stdout } = await call(['list', 'x.db'], { store: await threeRuns() })
    expect(code).toBe(EXIT.ok)
    expect(lines(stdout)).toEqual([
      'RUN      STATUS       STARTED               EVENTS  TURNS  TOOLS  TOKENS   COST  TIME',
      'corrupt  completed    2026-01-03T00:00:00Z       4      1      0      16  $0.50   3ms',
      'open     in progress  2026-01-02T00:00:00Z       3      1      0      16  $0.50   2ms',
      'good     completed    2026-01-01T00:00:00Z       4      1      0      16  $0.50   3ms',
    ])
  })

  test('--json has the whole summary and the page', async () => {
    const { stdout } = await call(['list', 'x.db', '--json', '--limit', '1', '--offset', '2'], {
      store: await threeRuns(),
    })
    expect(documents(stdout)).toEqual([
      {
        runs: [
          {
            run_id: 'good',
            status: 'completed',
            started_at: '2026-01-01T00:00:00.000Z',
            started_at_ns: '1767225600000000000',
            last_seq: 4,
            last_kind: 'RunCompleted',
            turn_count: 1,
            tool_call_count: 0,
            input_tokens: 12,
            output_tokens: 4,
            cost_usd: 0.5,
            duration_ms: 3,
          },
        ],
        total_matching: 3,
        limit: 1,
        offset: 2,
      },
    ])
  })

  test.each([
    [
      ['--status', 'completed'],
      ['corrupt', 'good'],
    ],
    [['--status', 'in-progress'], ['open']],
    [['--status', 'In Progress'], ['open']],
    [['--query', 'OO'], ['good']],
    [['--since', '2026-01-02T00:00:00Z'], ['corrupt']],
    [
      ['--since', '2026-01-01T23:59:59.999999999Z'],
      ['corrupt', 'open'],
    ],
    [['--since', '30d'], ['corrupt']],
    [['--since', '2026-01-03'], []],
    [['--since', '2026-01-02'], ['corrupt']],
    [['--since', '9999-12-31T23:59:59Z'], []],
    [
      ['--since', '99999999999w'],
      ['corrupt', 'open', 'good'],
    ],
    [['--tools'], []],
    [
      ['--limit', '2'],
      ['corrupt', 'open'],
    ],
    [
      ['--limit', '0'],
      ['corrupt', 'open', 'good'],
    ],
  ])('%j selects %j', async (flags, expected) => {
    const { stdout } = await call(['list', 'x.db', '--json', ...flags], { store: await threeRuns() })
    const [page] = documents(stdout)
    expect(page.runs.map((run: { run_id: string }) => run.run_id)).toEqual(expected)
  })

  test('a page says how many there are in all', async () => {
    const { stdout } = await call(['list', 'x.db', '--limit', '1'], { store: await threeRuns() })
    expect(lines(stdout).at(-1)).toBe('1 of 3 runs; --limit and --offset show the rest')
  })

  test('no match is no failure', async () => {
    const store = await threeRuns()
    expect(await call(['list', 'x.db', '--query', 'zzz'], { store })).toMatchObject({
      code: EXIT.ok,
      stdout: '(no runs)\n',
    })
    const beyond = await call(['list', 'x.db', '--offset', '9'], { store })
    expect(beyond.stdout).toBe('(no runs on this page; 3 match)\n')
  })

  test.each([
    [['--status', 'bogus'], '--status must be completed, failed, cancelled or in-progress; got "bogus"'],
    [
      ['--since', 'yesterday'],
      '--since needs a duration such as 24h, a date such as 2025-01-08 or an RFC 3339 time such as 2025-01-08T00:00:00Z; got "yesterday"',
    ],
    [['--since', '5x'], '--since needs a duration such as 30d, 720h or 1h30m, got "5x"'],
    [
      ['--since', '2026-02-30T00:00:00Z'],
      '--since needs a time such as 2025-01-08T00:00:00Z, got "2026-02-30T00:00:00Z"',
    ],
  ])('%j is a usage error', async (flags, problem) => {
    const { code, stderr } = await call(['list', 'x.db', ...flags], { store: await threeRuns() })
    expect(code).toBe(EXIT.usage)
    expect(stderr).toBe(`starling: ${problem}\nRun 'starling list --help' for usage.\n`)
  })
})

describe('prune', () => {
  test('without --confirm it only tells, and opens the log for reading', async () => {
    const store = await threeRuns()
    const { code, stdout } = await call(['prune', 'x.db', '--before', '2026-01-03T00:00:00+05:30'], { store })
    expect(code).toBe(EXIT.ok)
    expect(stdout).toBe('would delete 1 runs (4 events) before 2026-01-02T18:30:00Z\ngood\n')
    expect(store.opened).toEqual([['x.db', 'read']])
    expect(await runIds(store)).toEqual(['corrupt', 'open', 'good'])
  })

  test('with --confirm it deletes whole runs', async () => {
    const store = await threeRuns()
    const { stdout } = await call(['prune', 'x.db', '--older-than', '29d', '--include-in-progress', '--confirm'], {
      store,
    })
    expect(stdout).toBe('deleted 2 runs (7 events) before 2026-01-03T00:00:00Z\ngood\nopen\n')
    expect(await runIds(store)).toEqual(['corrupt'])
  })

  test('--limit takes the oldest, --status only those in that state', async () => {
    const store = await threeRuns()
    const limited = await call(['prune', 'x.db', '--older-than', '1h', '--limit', '1'], { store })
    expect(lines(limited.stdout).slice(1)).toEqual(['good'])
    const open = await call(['prune', 'x.db', '--older-than', '1h', '--status', 'in-progress'], { store })
    expect(lines(open.stdout).slice(1)).toEqual(['open'])
  })

  test('--json is one document', async () => {
    const { stdout } = await call(['prune', 'x.db', '--older-than', '30d', '--json'], { store: await threeRuns() })
    expect(documents(stdout)).toEqual([
      {
        dry_run: true,
        before: '2026-01-02T00:00:00.000Z',
        matched_runs: 1,
        matched_events: 4,
        deleted_runs: 0,
        deleted_events: 0,
        run_ids: ['good'],
      },
    ])
  })

  test.each([
    [[], 'expected --older-than or --before'],
    [['--before', '2025-01-08T00:00:00Z', '--older-than', '1h'], 'use only one of --older-than or --before'],
    [['--older-than', '-1h'], '--older-than must be positive, got "-1h"'],
    [['--older-than=-1h'], '--older-than must be positive, got "-1h"'],
    [['--older-than', '10'], '--older-than needs a duration such as 30d, 720h or 1h30m, got "10"'],
    [['--before', '2025-01-08'], '--before needs a time such as 2025-01-08T00:00:00Z, got "2025-01-08"'],
    [
      ['--older-than', '1h', '--status', 'bogus'],
      '--status must be completed, failed, cancelled or in-progress; got "bogus"',
    ],
    [['--older-than', '1h', '--confirm', '--dry-run'], 'use only one of --dry-run or --confirm'],
  ])('%j is a usage error and deletes nothing', async (flags, problem) => {
    const store = await threeRuns()
    const { code, stdout, stderr } = await call(['prune', 'x.db', ...flags], { store })
    expect({ code, stdout, opened: store.opened }).toEqual({ code: EXIT.usage, stdout: '', opened: [] })
    expect(stderr).toBe(`starling: ${problem}\nRun 'starling prune --help' for usage.\n`)
  })
})

describe('search', () => {
  test('a hit names its run, event and time', async () => {
    const { code, stdout } = await call(['search', 'x.db', 'world'], { store: await threeRuns() })
    expect(code).toBe(EXIT.ok)
    expect(stdout).toContain('good #3 AssistantMessageCompleted 2026-01-01T00:00:00Z\n')
    expect(stdout).toContain('Hello, world.')
  })

  test.each([
    [
      ['--run', 'good'],
      ['good', 'good'],
    ],
    [
      ['--kind', 'RunCompleted'],
      ['corrupt', 'good'],
    ],
    [['--kind', 'runcompleted, TurnFailed', '--run', 'good'], ['good']],
    [['--limit', '1'], [expect.any(String)]],
  ])('%j narrows the hits', async (flags, expected) => {
    const { stdout } = await call(['search', 'x.db', 'hello', 'world', '--json', ...flags], {
      store: await threeRuns(),
    })
    const [{ query, hits }] = documents(stdout)
    expect(query).toBe('hello world')
    expect(hits.map((hit: { run_id: string }) => hit.run_id).toSorted()).toEqual(expected)
  })

  test('no hit is no failure', async () => {
    const store = await threeRuns()
    expect(await call(['search', 'x.db', 'nothing'], { store })).toMatchObject({ code: EXIT.ok, stdout: '(no hits)\n' })
  })

  test.each([
    [['x.db', '  '], 'the words to search for are empty'],
    [['x.db'], 'missing <word>'],
    [
      ['x.db', 'a', '--kind', 'Nope'],
      '--kind must name kinds such as ToolCallScheduled, ToolCallCompleted, ToolCallFailed; got "Nope"',
    ],
  ])('%j is a usage error', async (argv, problem) => {
    const { code, stderr } = await call(['search', ...argv], { store: await threeRuns() })
    expect(code).toBe(EXIT.usage)
    expect(lines(stderr)[0]).toBe(`starling: ${problem}`)
  })
})

describe('stats', () => {
  test('sums stand by status, model and tool', async () => {
    const store = await threeRuns()
    await store.add('x.db', toolRun('tools'))
    const { stdout } = await call(['stats', 'x.db'], { store })
    expect(stdout).toBe(`4 runs, 4 turns, 3 tool calls, 48 tokens in, 16 out, $2.00

STATUS       RUNS  TURNS  TOOLS  TOKENS IN  OUT   COST  TIME
completed       2      2      0         24    8  $1.00   6ms
in progress     2      2      3         24    8  $1.00  10ms

MODEL       RUNS  TURNS  TOOLS  TOKENS IN  OUT   COST  TIME
test-model     4      4      3         48   16  $2.00  16ms

TOOL   CALLS  FAILED  AVERAGE
fetch      2       1     15ms
clock      1       0      4ms
`)
  })

  test('--json has the same', async () => {
    const store = await threeRuns()
    await store.add('x.db', toolRun('tools'))
    const [stats] = documents((await call(['stats', 'x.db', '--json'], { store })).stdout)
    expect(stats).toMatchObject({
      runs: 4,
      failed_runs: 0,
      tool_calls: 3,
      by_status: { completed: { runs: 2 }, 'in progress': { runs: 2 } },
      by_model: { 'test-model': { runs: 4, cost_usd: 2 } },
      by_tool: { fetch: { calls: 2, failures: 1, duration_ms: 30 }, clock: { calls: 1, failures: 0, duration_ms: 4 } },
    })
  })

  test('only the runs asked for count', async () => {
    const [stats] = documents(
      (await call(['stats', 'x.db', '--json', '--status', 'completed', '--since', '30d'], { store: await threeRuns() }))
        .stdout,
    )
    expect(stats.runs).toBe(1)
  })

  test('no runs are no failure', async () => {
    const store = await threeRuns()
    expect((await call(['stats', 'x.db', '--query', 'zzz'], { store })).stdout).toBe('(no runs)\n')
  })
})

describe('a list with a run that a budget ended', () => {
  async function overBudget(): Promise<MemoryStore> {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('fine'))
    const trip = { limit: 'tool_calls', cap: 3, actual: 4, where: 'post_call' }
    const failed = { error: 'step: budget exceeded', errorType: 'budget', merkleRoot: null, durationMs: 16 }
    await store.add(
      'x.db',
      chain('over', [
        [KIND.RunStarted, runStarted('x')],
        [KIND.BudgetExceeded, trip],
        [KIND.RunFailed, failed],
      ]),
    )
    return store
  }

  test('names the budget beside it', async () => {
    const { stdout } = await call(['list', 'x.db'], { store: await overBudget() })
    const [head, ...rows] = lines(stdout)
    expect(head).toMatch(/ TIME {2}BUDGET$/)
    expect(rows.find((row) => row.startsWith('over'))).toMatch(/ 2ms {2}tool_calls 4 > 3$/)
    expect(rows.find((row) => row.startsWith('fine'))).not.toContain('>')
  })

  test('holds it in its JSON, and nothing for the others', async () => {
    const { stdout } = await call(['list', 'x.db', '--json'], { store: await overBudget() })
    const { runs } = JSON.parse(stdout)
    expect(runs.map((run: Record<string, unknown>) => [run['run_id'], run['budget_exceeded']])).toEqual(
      expect.arrayContaining([
        ['fine', undefined],
        ['over', { limit: 'tool_calls', cap: 3, actual: 4, where: 'post_call' }],
      ]),
    )
  })
})

describe('the beginning of an id', () => {
  const COMMANDS = [['show'], ['tail'], ['validate'], ['export'], ['fork'], ['search', 'hello', '--run']]
  const argvOf = ([name = '', ...rest]: readonly string[], run: string): readonly string[] => [
    name,
    'x.db',
    ...rest,
    run,
  ]

  async function twoRuns(): Promise<MemoryStore> {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('01M7A1'))
    await store.add('x.db', helloRun('01M7B2'))
    await store.add('x.db', helloRun('01M7B'))
    return store
  }

  test.each(COMMANDS)('stands for the one run that has it: %s', async (...command) => {
    const [short, full] = await Promise.all(
      ['01M7A', '01M7A1'].map(async (run) => call(argvOf(command, run), { store: await twoRuns() })),
    )
    expect(short).toEqual(full)
    expect(short).toMatchObject({ code: EXIT.ok, stdout: expect.not.stringContaining('01M7B'), stderr: '' })
  })

  test.each(COMMANDS)('that is an id itself means that one: %s', async (...command) => {
    expect((await call(argvOf(command, '01M7B'), { store: await twoRuns() })).code).toBe(EXIT.ok)
  })

  test.each(COMMANDS)('of several runs is refused, and they are named: %s', async (...command) => {
    const { code, stdout, stderr } = await call(argvOf(command, '01M7'), { store: await twoRuns() })
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
    expect(stderr).toMatch(/^starling: several runs begin with "01M7": ("01M7\w+"(, )?){3}; name more of the id\n/)
  })

  test.each(COMMANDS)('of no run is not found: %s', async (...command) => {
    for (const run of ['1M7', '01M7C', 'completed']) {
      const { code } = await call(argvOf(command, run), { store: await twoRuns() })
      expect(code).toBe(EXIT.notFound)
    }
  })
})

describe('fork', () => {
  test('a copy is chained anew under a fresh id in the same namespace', async () => {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('tenant/a'))
    const { code, stdout } = await call(['fork', 'x.db', 'tenant/a', '--before', '3', '--json'], { store })
    expect(code).toBe(EXIT.ok)
    const [forked] = documents(stdout)
    expect(forked).toEqual({
      run_id: expect.stringMatching(/^tenant\/[0-9A-Z]{26}$/),
      source: 'tenant/a',
      log: 'x.db',
      events: 2,
      status: 'in progress',
    })
    const verdict = await call(['validate', 'x.db', forked.run_id], { store })
    expect(verdict.stdout).toBe(`${forked.run_id}\tOPEN\n`)
  })

  test('without --before all events are copied, under the id of --as', async () => {
    const store = await threeRuns()
    const { stdout } = await call(['fork', 'x.db', 'open', '--as', 'copy'], { store })
    expect(stdout).toBe('forked 3 events into run copy of x.db\n')
    expect(await store.log('x.db').read('copy')).toHaveLength(3)
  })

  test('a copy with its end is said to have ended', async () => {
    const { stdout } = await call(['fork', 'x.db', 'good', '--as', 'copy'], { store: await threeRuns() })
    const [, end] = lines(stdout)
    expect(end).toMatch(/^it is completed, as its source, and cannot be resumed; --before \d+ leaves out its end$/)
  })

  test('there is nothing to cut off after the last event', async () => {
    const store = await threeRuns()
    const { code, stderr } = await call(['fork', 'x.db', 'open', '--before', '4'], { store })
    expect(code).toBe(EXIT.usage)
    expect(stderr).toMatch(/^starling: --before must be an event of the run, 2 to 3, or 0 to keep all; got 4\n/)
    expect((await call(['fork', 'x.db', 'open', '--before', '3'], { store })).code).toBe(EXIT.ok)
  })

  test('an id that is taken is refused', async () => {
    const { code, stderr } = await call(['fork', 'x.db', 'open', '--as', 'good'], { store: await threeRuns() })
    expect(code).toBe(EXIT.failure)
    expect(stderr).toBe('starling: run "good" exists already; choose another id with --as\n')
  })

  test('an unknown run is not found', async () => {
    const { code } = await call(['fork', 'x.db', 'none'], { store: await threeRuns() })
    expect(code).toBe(EXIT.notFound)
  })

  test('--to copies the file through the store', async () => {
    const requests: unknown[] = []
    const store = createMemoryStore({
      forkFile: async (source, destination, options) => {
        requests.push([source, destination, options])
        await store.add(destination, helloRun('a').slice(0, 2))
      },
    })
    await store.add('x.db', helloRun('a'))
    const { code, stdout } = await call(['fork', 'x.db', 'a', '--before', '3', '--to', 'y.db'], { store })
    expect({ code, stdout }).toEqual({ code: EXIT.ok, stdout: 'forked 2 events into run a of y.db\n' })
    expect(requests).toEqual([['x.db', 'y.db', { runId: 'a', beforeSeq: 3 }]])
  })

  test('--to never overwrites', async () => {
    const store = createMemoryStore({ forkFile: async () => Promise.reject(new Error('must not be called')) })
    await store.add('x.db', helloRun('a'))
    await store.add('y.db', helloRun('b'))
    const { code, stderr } = await call(['fork', 'x.db', 'a', '--to', 'y.db'], { store })
    expect(code).toBe(EXIT.failure)
    expect(stderr).toBe('starling: y.db exists already; choose another file with --to\n')
  })

  test.each([
    [['--to', 'y.db', '--as', 'b'], EXIT.usage, 'use only one of --to or --as'],
    [['--to', 'y.db'], EXIT.failure, 'x.db cannot be copied to a file'],
  ])('%j exits with %i', async (flags, expected, problem) => {
    const { code, stderr } = await call(['fork', 'x.db', 'good', ...flags], { store: await threeRuns() })
    expect(code).toBe(expected)
    expect(stderr).toContain(problem)
  })
})

describe('migrate and schema-version', () => {
  const schema = (from: number, applied: readonly number[]): Partial<StoredLog> => ({
    schemaVersion: async () => from,
    migrate: async () => ({ from, to: applied.at(-1) ?? from, applied }),
  })

  test.each([
    [[], 2, [], 'memory schema already at v2\n', 'migrate'],
    [['--dry-run'], 2, [], '(dry run) memory schema already at v2\n', 'inspect'],
    [['-dry-run'], 2, [], '(dry run) memory schema already at v2\n', 'inspect'],
    [[], 0, [1, 2], 'memory migrated 0 → 2 (applied: [1 2])\n', 'migrate'],
    [['--dry-run'], 1, [2], '(dry run) memory would migrate 1 → 2 (apply: [2])\n', 'inspect'],
  ])('migrate %j from v%i', async (...[flags, from, applied, stdout, mode]) => {
    const store = createMemoryStore({ extras: schema(from, applied) })
    await store.add('x.db', helloRun('a'))
    expect(await call(['migrate', 'x.db', ...flags], { store })).toEqual({ code: EXIT.ok, stdout, stderr: '' })
    expect(store.opened).toEqual([['x.db', mode]])
  })

  test('migrate --json is one document', async () => {
    const store = createMemoryStore({ extras: schema(1, [2]) })
    await store.add('x.db', helloRun('a'))
    const { stdout } = await call(['migrate', 'x.db', '--json'], { store })
    expect(documents(stdout)).toEqual([{ backend: 'memory', from: 1, to: 2, applied: [2], dry_run: false }])
  })

  test('schema-version is a number', async () => {
    const store = createMemoryStore({ extras: schema(2, []) })
    await store.add('x.db', helloRun('a'))
    expect((await call(['schema-version', 'x.db'], { store })).stdout).toBe('2\n')
    expect(documents((await call(['schema-version', 'x.db', '--json'], { store })).stdout)).toEqual([{ version: 2 }])
  })

  test.each([['migrate'], ['schema-version']])('%s says when a log has no schema', async (name) => {
    const { code, stderr } = await call([name, 'x.db'], { store: await threeRuns() })
    expect(code).toBe(EXIT.failure)
    expect(stderr).toMatch(/^starling: x\.db has no schema/)
  })
})

describe('doctor', () => {
  test('what a log needs around it is told with the rest, and fails it', async () => {
    const diagnose = async (): Promise<readonly Diagnosis[]> => [
      { name: 'server', status: 'ok', note: 'Postgres 18.4' },
      { name: 'rights', status: 'fail', note: 'ada may not read' },
    ]
    const store = createMemoryStore({ extras: { diagnose } })
    await store.add('x.db', helloRun('a'))
    const { code, stdout } = await call(['doctor', 'x.db', '--json'], { store })
    expect(code).toBe(EXIT.failure)
    expect(documents(stdout)[0].checks).toEqual(expect.arrayContaining([...(await diagnose())]))
  })

  test.each([
    [['doctor', 'x.db'], {}, EXIT.failure, 'fail'],
    [['doctor'], { STARLING_DB: 'x.db' }, EXIT.ok, 'info'],
  ])('of a database without a log, %j with %j says what makes one', async (...[argv, env, exit, status]) => {
    const store = createMemoryStore({ extras: { schemaVersion: async () => 0 }, latestSchemaVersion: 1 })
    await store.open('x.db', 'create')
    const { code, stdout } = await call([...argv, '--json'], { store, env })
    expect(code).toBe(exit)
    const { checks } = documents(stdout)[0]
    expect(checks.at(-1)).toMatchObject({ name: 'schema version', status, note: expect.stringContaining('`starling ') })
  })

  test('missing keys and open runs are told, and are no failure', async () => {
    const store = createMemoryStore({ extras: { schemaVersion: async () => 2 }, latestSchemaVersion: 2 })
    await store.add('x.db', helloRun('a'), chain('b', helloEntries()))
    const { code, stdout } = await call(['doctor', 'x.db'], { store })
    expect(code).toBe(EXIT.ok)
    expect(stdout).toMatch(/^✓ starling version {7}\d/)
    expect(stdout).toContain(
      '· provider api keys      none set (OPENAI_API_KEY, ANTHROPIC_API_KEY, …); the scripted provider needs none\n',
    )
    expect(stdout).toContain('✓ schema version         v2, up to date\n')
    expect(stdout).toContain('✓ chain validation       2 runs validated, 1 not ended\n')
  })

  test('keys that are set are named, never shown', async () => {
    const { stdout } = await call(['doctor'], { env: { OPENAI_API_KEY: 'sk-secret', AWS_ACCESS_KEY_ID: 'id' } })
    expect(stdout).toContain('✓ provider api keys      found: OPENAI_API_KEY AWS_ACCESS_KEY_ID\n')
    expect(stdout).not.toContain('sk-secret')
  })

  test('a variable that is set to nothing is not set', async () => {
    const { stdout } = await call(['doctor'], { env: { OPENAI_API_KEY: '', ANTHROPIC_API_KEY: ' ' } })
    expect(stdout).toContain('· provider api keys      none set')
  })

  test('a corrupt run fails with 4', async () => {
    const { code, stdout } = await call(['doctor', 'x.db'], { store: await threeRuns() })
    expect(code).toBe(EXIT.corrupt)
    expect(stdout).toContain(
      '✗ chain validation       run corrupt: eventlog: log failed validation: merkle root mismatch\n',
    )
  })

  test.each([
    [1, 'v1, this program writes v2; run `starling migrate x.db`'],
    [3, 'v3, this program writes v2; written by a newer starling: update this one'],
  ])('schema v%i fails with what to do', async (version, note) => {
    const store = createMemoryStore({ extras: { schemaVersion: async () => version }, latestSchemaVersion: 2 })
    await store.add('x.db', helloRun('a'))
    const { code, stdout } = await call(['doctor', 'x.db'], { store })
    expect(code).toBe(EXIT.failure)
    expect(stdout).toContain(`✗ schema version         ${note}\n`)
  })

  test('a log of the configuration that is not there yet is no failure', async () => {
    const { code, stdout } = await call(['doctor'], { env: { STARLING_DB: 'runs.db' } })
    expect(code).toBe(EXIT.ok)
    expect(stdout).toContain('no log at runs.db yet; `starling run` makes it\n')
  })

  test('suggestions are quoted for the shell', async () => {
    const store = createMemoryStore()
    await store.add('my "runs\'.db', helloRun('a'))
    const { stderr } = await call(['show', 'my "runs\'.db', 'b'], { store })
    expect(stderr).toContain("`starling list 'my \"runs'\\''.db'` shows what is there")
  })

  test('a missing log is a failed check, and the others are still told', async () => {
    const { code, stdout } = await call(['doctor', 'none.db', '--json'])
    expect(code).toBe(EXIT.notFound)
    const [report] = documents(stdout)
    expect(report.ok).toBe(false)
    expect(report.checks).toContainEqual({
      name: 'log',
      status: 'fail',
      note: expect.stringContaining('no log at none.db'),
    })
    expect(report.checks).toContainEqual({ name: 'node version', status: 'ok', note: process.versions.node })
  })
})

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('the script for %s knows every command and its flags', async (shell) => {
    const { code, stdout } = await call(['completion', shell])
    expect(code).toBe(EXIT.ok)
    expect(stdout).toContain('schema-version')
    expect(stdout).toContain('include-in-progress')
  })

  test('an unknown shell is a usage error', async () => {
    const { code, stderr } = await call(['completion', 'powershell'])
    expect(code).toBe(EXIT.usage)
    expect(lines(stderr)[0]).toBe('starling: shell must be one of bash, zsh, fish; got "powershell"')
  })
})

/** A good run of January 1, an open one of January 2 and a corrupt one of January 3. */
async function threeRuns(): Promise<MemoryStore> {
  const store = createMemoryStore()
  const corrupt = helloRun('corrupt', JANUARY_1 + 2n * DAY)
  const other = complete(chain('corrupt', helloEntries('another goal')), 'Hello, world.')
  await store.add('x.db', helloRun('good', JANUARY_1), chain('open', helloEntries(), JANUARY_1 + DAY), [
    ...corrupt.slice(0, 3),
    { ...at(corrupt, 3), payload: at(other, 3).payload },
  ])
  return store
}

/** A run with three tool calls, one of which failed. */
function toolRun(runId: string): Event[] {
  const first = { turnId: 'turn-1', args: new Uint8Array([0xa0]), attempt: 1 }
  return chain(runId, [
    ...helloEntries(),
    [KIND.ToolCallScheduled, { ...first, callId: 'c1', tool: 'fetch' }],
    [
      KIND.ToolCallFailed,
      { callId: 'c1', error: 'no route', errorType: 'tool', durationMs: 10, attempt: 1, final: true },
    ],
    [KIND.ToolCallScheduled, { ...first, callId: 'c2', tool: 'fetch' }],
    [KIND.ToolCallCompleted, { callId: 'c2', result: new Uint8Array([0xf6]), durationMs: 20, attempt: 1 }],
    [KIND.ToolCallScheduled, { ...first, callId: 'c3', tool: 'clock' }],
    [KIND.ToolCallCompleted, { callId: 'c3', result: new Uint8Array([0xf6]), durationMs: 4, attempt: 1 }],
  ])
}

function at(events: readonly Event[], index: number): Event {
  const event = events[index]
  if (event === undefined) throw new Error(`there is no event ${index}`)
  return event
}

async function runIds(store: MemoryStore): Promise<string[]> {
  const { runs } = await store.log('x.db').listRuns()
  return runs.map((run) => run.runId)
}
