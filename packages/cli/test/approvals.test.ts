import { readApprovals } from '@starling/core'
import { blake3, jsonToCbor, toHex } from '@starling/event'
import { beforeEach, describe, expect, test } from 'vitest'
import { readApprovalEvent, type RecordedApproval } from '../src/approvals/recorded-approval.ts'
import { EXIT } from '../src/index.ts'
import { call, documents, lines, type CallOptions, type CallResult } from './support/call.ts'
import { chain, helloEntries, helloRun } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'
import { recordWaitingRun } from './support/waiting-run.ts'

// Five minutes before every call.
const ASKED_MS = Date.UTC(2026, 0, 31, 23, 55)
const PROD = toHex(blake3(jsonToCbor('{"to":"prod"}')))

let store: MemoryStore

beforeEach(async () => {
  store = createMemoryStore()
  await store.add('x.db', helloRun('ended'), chain('plain', helloEntries()))
  await recordWaitingRun(store.log('x.db'), { runId: 'ship-1', nowMs: ASKED_MS })
})

async function run(argv: readonly string[], options: CallOptions = {}): Promise<CallResult> {
  return call(argv, { store, user: 'ada@test', ...options })
}

/** The decisions that a run has on record, in order. */
async function decisions(runId = 'ship-1'): Promise<readonly RecordedApproval[]> {
  const recorded = (await store.log('x.db').read(runId)).map(readApprovalEvent)
  return recorded.filter((item) => item?.type === 'approval-decided')
}

describe('approvals', () => {
  test('lists what waits: the run, the call, the tool, its arguments, why, since when and until when', async () => {
    const { code, stdout, stderr } = await run(['approvals', 'x.db'])
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
    expect(lines(stdout)).toEqual([
      'ship-1 call-a deploy {"to":"prod"}',
      '  deploys are looked at; asked 2026-01-31T23:55:00Z (5m00s ago)',
      'ship-1 other deploy {"to":"test"}',
      '  deploys are looked at; asked 2026-01-31T23:55:00Z (5m00s ago)',
    ])
  })

  test('only reads the log', async () => {
    await run(['approvals', 'x.db'])
    expect(store.opened).toEqual([['x.db', 'read']])
  })

  test('the newest run comes first, and one run can be named by the beginning of its id', async () => {
    const more = { approvalTimeoutMs: 600_000 }
    await recordWaitingRun(store.log('x.db'), { runId: 'later', nowMs: ASKED_MS + 1000, more })
    const all = lines((await run(['approvals', 'x.db'])).stdout)
    expect(all.filter((line) => !line.startsWith(' ')).map((line) => line.split(' ')[0])).toEqual([
      'later',
      'later',
      'ship-1',
      'ship-1',
    ])
    expect(all[1]).toMatch(/; until 2026-02-01T00:05:01Z \(5m01s left\)$/)
    expect(lines((await run(['approvals', 'x.db', 'ship'])).stdout)).toHaveLength(4)
  })

  test('what has expired says so', async () => {
    const more = { approvalTimeoutMs: 60_000 }
    await recordWaitingRun(store.log('x.db'), { runId: 'late', nowMs: ASKED_MS, more })
    const { stdout } = await run(['approvals', 'x.db', 'late'])
    expect(lines(stdout)[1]).toMatch(/; expired at 2026-01-31T23:56:00Z: denied when the run goes on$/)
  })

  test('--json prints everything, arguments as JSON text', async () => {
    const [document] = documents((await run(['approvals', 'x.db', '--json'])).stdout)
    expect(document.approvals).toHaveLength(2)
    expect(document.approvals[0]).toEqual({
      run_id: 'ship-1',
      turn_id: expect.any(String),
      call_id: 'call-a',
      tool: 'deploy',
      arguments: '{"to":"prod"}',
      args_hash: PROD,
      reason: 'policy',
      because: 'deploys are looked at',
      question: null,
      held: false,
      since: '2026-01-31T23:55:00.000Z',
      expires_at: null,
    })
  })

  test('nothing that waits is no failure', async () => {
    expect(await run(['approvals', 'x.db', 'plain'])).toEqual({
      code: EXIT.ok,
      stdout: '(nothing waits for a decision)\n',
      stderr: '',
    })
    expect((await run(['approvals', 'x.db', 'ended', '--json'])).stdout).toBe('{"approvals":[]}\n')
  })

  test('a run that cannot be read hides no other, and exits with 4', async () => {
    const [first, ...rest] = chain('broken', helloEntries())
    const broken = [first, ...rest.map((event) => ({ ...event, payload: Uint8Array.of(0xff) }))]
    await store.add('x.db')
    const log = store.log('x.db')
    const { read } = log
    // A log that was damaged after it had been written.
    log.read = async (...args) => (args[0] === 'plain' ? broken.flatMap((event) => event ?? []) : read.apply(log, args))
    const { code, stdout, stderr } = await run(['approvals', 'x.db'])
    expect(code).toBe(EXIT.corrupt)
    expect(lines(stdout)).toHaveLength(4)
    expect(stderr).toMatch(/^starling: run "plain" cannot be read: /)
  })

  test('on a terminal lines fit, and a command to decide with stands last', async () => {
    const { stdout } = await run(['approvals', 'x.db'], { isTTY: true, env: { NO_COLOR: '1' } })
    expect(lines(stdout).at(-1)).toBe('decide with: starling approve x.db ship-1 call-a, or starling deny')
  })
})

describe('approve and deny, without an agent', () => {
  test('a call is approved by the beginning of its id; what is decided is shown before, and how to go on after', async () => {
    const { code, stdout, stderr } = await run(['approve', 'x.db', 'ship', 'call'])
    expect(code).toBe(EXIT.ok)
    expect(stderr).toBe(`approving call call-a of run ship-1: deploy {"to":"prod"}\n  arguments blake3:${PROD}\n`)
    expect(stdout).toBe('1 call of run ship-1 approved; 1 call left, decide with: starling approve x.db ship-1 other\n')
    expect(await decisions()).toEqual([
      { type: 'approval-decided', callId: 'call-a', decision: 'approve', by: 'ada@test', argsHash: PROD },
    ])
    // The one that is left needs no name.
    const last = await run(['deny', 'x.db', 'ship-1', '--reason', 'not today', '--by', 'bob'])
    expect(last.stdout).toBe('1 call of run ship-1 denied; go on with: starling resume x.db ship-1\n')
    expect((await decisions())[1]).toMatchObject({ callId: 'other', decision: 'deny', by: 'bob', reason: 'not today' })
    expect(await readApprovals(store.log('x.db'), 'ship-1')).toEqual([])
  })

  test('several are decided together, or all', async () => {
    expect((await run(['deny', 'x.db', 'ship-1', 'other', 'call-a'])).stdout).toMatch(
      /^2 calls of run ship-1 denied; go/,
    )
    await recordWaitingRun(store.log('x.db'), { runId: 'two', nowMs: ASKED_MS })
    expect((await run(['approve', 'x.db', 'two', '--all'])).stdout).toMatch(/^2 calls of run two approved; go/)
    expect(await decisions('two')).toHaveLength(2)
  })

  test('other arguments are shown beside those of the model, and hashed', async () => {
    const { code, stderr } = await run(['approve', 'x.db', 'ship-1', 'call-a', '--input', '{"to": "staging"}'])
    expect(code).toBe(EXIT.ok)
    const argsHash = toHex(blake3(jsonToCbor('{"to":"staging"}')))
    expect(lines(stderr)).toEqual([
      'approving call call-a of run ship-1: deploy {"to": "staging"}',
      '  in place of {"to":"prod"}',
      `  arguments blake3:${argsHash}`,
    ])
    expect(await decisions()).toMatchObject([{ decision: 'approve', input: '{"to":"staging"}', argsHash }])
  })

  test("a result is given in the tool's stead, also from stdin", async () => {
    const { code, stderr } = await run(['approve', 'x.db', 'ship-1', 'other', '--result', '-'], {
      stdin: ['{"by":\n', '"hand"}'],
    })
    expect(code).toBe(EXIT.ok)
    expect(lines(stderr)[0]).toBe('answering call other of run ship-1: deploy {"to":"test"}')
    expect(await decisions()).toMatchObject([{ decision: 'answer', result: '{"by":"hand"}' }])
  })

  test('--json prints what was recorded and what still waits', async () => {
    const { stdout, stderr } = await run(['approve', 'x.db', 'ship-1', 'call-a', '--json'])
    expect(stderr).toBe('')
    expect(documents(stdout)).toEqual([
      {
        run_id: 'ship-1',
        decision: 'approve',
        by: 'ada@test',
        reason: null,
        calls: [{ call_id: 'call-a', tool: 'deploy', args_hash: PROD, question: null }],
        recorded: 1,
        waiting: [expect.objectContaining({ call_id: 'other' })],
      },
    ])
  })

  test('the same decision once more changes nothing, and is no failure', async () => {
    await run(['approve', 'x.db', 'ship-1', 'call-a'])
    const { code, stdout } = await run(['approve', 'x.db', 'ship-1', 'call-a', '--by', 'bob'])
    expect(code).toBe(EXIT.ok)
    expect(stdout).toMatch(/^1 call of run ship-1 approved already; 1 call left/)
    expect(await decisions()).toHaveLength(1)
  })

  test('--all takes what can still be decided, and what has expired keeps no run from going on', async () => {
    const turns = [{ toolCalls: [{ id: 'c', name: 'deploy', arguments: {} }] }]
    await recordWaitingRun(store.log('x.db'), {
      runId: 'late',
      nowMs: ASKED_MS,
      turns,
      more: { approvalTimeoutMs: 60_000 },
    })
    const { code, stderr } = await run(['approve', 'x.db', 'late', '--all'])
    expect({ code, stderr }).toEqual({
      code: EXIT.failure,
      stderr: 'starling: no call of run late waits for a decision; `starling resume x.db late` goes on with it\n',
    })
  })
})

describe('what cannot be decided is one line, and changes nothing', () => {
  test.each([
    [
      ['approve', 'x.db', 'ship-1'],
      2,
      /^2 calls of run ship-1 wait: "call-a" \(deploy\), "other" \(deploy\); name some/,
    ],
    [['approve', 'x.db', 'ship-1', '--all', 'other'], 2, /^use only one of --all or the ids of calls$/],
    [['approve', 'x.db', 'ship-1', 'other', '--by', ''], 2, /^--by needs a name, got an empty text$/],
    [['approve', 'x.db', 'ship-1', 'other', '--input', '{'], 2, /^--input is not JSON: /],
    [['approve', 'x.db', 'ship-1', 'other', '--input', '{"a":1,"a":2}'], 2, /^--input is not JSON: /],
    [['approve', 'x.db', 'ship-1', 'other', '--result', ''], 2, /^--result is not JSON: /],
    [
      ['approve', 'x.db', 'ship-1', 'other', '--result', '1', '--input', '1'],
      2,
      /^use only one of --input or --result/,
    ],
    [['approve', 'x.db', 'ship-1', '--all', '--input', '{}'], 2, /^--input is for one call; name it$/],
    [['approve', 'x.db', 'ship-1', 'call-a', 'other', '--result', '1'], 2, /^--result is for one call; name it$/],
    [['deny', 'x.db', 'ship-1', '--input', '{}'], 2, /^unknown option --input$/],
    [
      ['approve', 'x.db', 'ship-1', 'none'],
      5,
      /^call "none" not found in run ship-1; `starling approvals x.db ship-1`/,
    ],
    [['approve', 'x.db', 'ship-1', ''], 5, /^call "" not found/],
    [['approve', 'x.db', 'none'], 5, /^run "none" not found in x.db; /],
    [['approve', 'none.db', 'ship-1'], 5, /^no log at none.db; /],
    [['approve', 'x.db', 'ended'], 1, /^run ended has ended: none of its calls waits for a decision$/],
    [['approve', 'x.db', 'plain'], 1, /^no call of run plain waits for a decision; `starling resume x.db plain`/],
    [['approve', 'x.db', 'ship-1', 'call-b'], 1, /^call call-b of run ship-1 does not wait for a decision$/],
    [['approve', 'x.db', 'ship-1', 'other', '-a', 'none.ts'], 5, /^no module none.ts; check the path$/],
  ])('%j exits with %i', async (argv, code, problem) => {
    const before = await store.log('x.db').read('ship-1')
    const result = await run(argv)
    expect(result).toMatchObject({ code, stdout: '' })
    const [line = '', ...rest] = lines(result.stderr)
    expect(line.replace(/^starling: /, '')).toMatch(problem)
    expect(rest.filter((text) => !text.startsWith("Run 'starling "))).toEqual([])
    expect(await store.log('x.db').read('ship-1')).toEqual(before)
  })

  test('a beginning that several calls have names them', async () => {
    const plan = ['call_1', 'call_2'].map((id) => ({ id, name: 'deploy', arguments: {} }))
    await recordWaitingRun(store.log('x.db'), { runId: 'two', nowMs: ASKED_MS, turns: [{ toolCalls: plan }] })
    const { code, stderr } = await run(['approve', 'x.db', 'two', 'call'])
    expect(code).toBe(EXIT.usage)
    expect(stderr).toMatch(/^starling: several calls begin with "call": "call_1", "call_2"; name more of the id\n/)
  })

  test('a decision against one that is made already is told who made it', async () => {
    await run(['deny', 'x.db', 'ship-1', 'call-a', '--by', 'bob'])
    const { code, stderr } = await run(['approve', 'x.db', 'ship-1', 'call-a'])
    expect({ code, stderr }).toEqual({
      code: EXIT.failure,
      stderr: 'starling: call call-a has been denied by bob already\n',
    })
    const all = await run(['approve', 'x.db', 'ship-1', 'other', 'call-a', '--json'])
    expect(documents(all.stderr)).toMatchObject([{ error: { code: 'CORE_DECIDED' } }])
    // All of them or none.
    expect(await decisions()).toHaveLength(1)
  })

  test('a call that has expired is named with its time', async () => {
    const more = { approvalTimeoutMs: 60_000 }
    await recordWaitingRun(store.log('x.db'), { runId: 'late', nowMs: ASKED_MS, more })
    const { code, stderr } = await run(['approve', 'x.db', 'late', 'other'])
    expect(code).toBe(EXIT.failure)
    expect(stderr).toContain('call other waited for a decision until 2026-01-31T23:56:00.000Z, and not longer\n')
  })
})

test('the log of the environment needs no name', async () => {
  const env = { STARLING_DB: 'x.db' }
  expect(lines((await run(['approvals'], { env })).stdout)).toHaveLength(4)
  expect((await run(['approve', 'ship-1', 'other'], { env })).code).toBe(EXIT.ok)
  expect((await run(['deny', 'ship-1'], { env })).code).toBe(EXIT.ok)
  expect(await decisions()).toMatchObject([
    { callId: 'other', decision: 'approve' },
    { callId: 'call-a', decision: 'deny' },
  ])
})

test('a run is shown with who asked, who decided, when, and what was put in place', async () => {
  await run(['approve', 'x.db', 'ship-1', 'call-a', '--input', '{"to":"staging"}'])
  await run(['deny', 'x.db', 'ship-1', 'other', '--reason', 'not today', '--by', 'bob'])
  const { stdout } = await run(['show', 'x.db', 'ship-1'])
  expect(stdout).toContain('\n? deploy call-a waits for a decision: deploys are looked at 2026-01-31T23:55:00Z\n')
  expect(stdout).toMatch(
    /\n✓ deploy call-a approved by ada@test \d{4}-\d\d-\d\dT[\d:]+Z\n {2}with other arguments: \{"to":"staging"\}\n/,
  )
  expect(stdout).toMatch(/\n✗ deploy other denied by bob: not today \d{4}-/)
  expect(stdout).not.toContain('side effect')
  const [document] = documents((await run(['show', 'x.db', 'ship-1', '--json'])).stdout)
  const items: { type: string }[] = document.items
  expect(items.filter(({ type }) => type === 'approval-decided')).toMatchObject([
    { call_id: 'call-a', tool: 'deploy', decision: 'approve', by: 'ada@test', input: '{"to":"staging"}' },
    { call_id: 'other', decision: 'deny', by: 'bob', reason: 'not today', at: expect.stringMatching(/Z$/) },
  ])
  const events = lines((await run(['show', 'x.db', 'ship-1', '--events'])).stdout).join('\n')
  expect(events).toContain('call-a approved by ada@test with {"to":"staging"}')
  expect(events).toContain('call-a waits for a decision: deploys are looked at')
})

describe('a run that waits', () => {
  test('is listed as waiting, and --json has for how many decisions', async () => {
    const listed = lines((await run(['list', 'x.db'])).stdout).map((line) => line.split(/ {2,}/).slice(0, 2))
    expect(listed).toContainEqual(['ship-1', 'waiting'])
    expect(listed).toContainEqual(['plain', 'in progress'])
    const [{ runs }] = documents((await run(['list', 'x.db', '--json'])).stdout)
    expect(runs).toContainEqual(expect.objectContaining({ run_id: 'ship-1', status: 'in progress', waiting: 2 }))
    expect(runs).toContainEqual(expect.objectContaining({ run_id: 'plain', waiting: 0 }))
    await run(['approve', 'x.db', 'ship-1', '--all'])
    expect((await run(['list', 'x.db'])).stdout).not.toContain('waiting')
  })

  test('is shown so, and counted by doctor', async () => {
    const { stdout } = await run(['show', 'x.db', 'ship-1'])
    expect(stdout).toMatch(/^ {2}status +waiting$/m)
    expect(lines(stdout).at(-1)).toBe('… waits for 2 decisions')
    expect(documents((await run(['show', 'x.db', 'ship-1', '--json'])).stdout)).toMatchObject([{ waiting: 2 }])
    expect((await run(['doctor', 'x.db'])).stdout).toContain('not ended (1 waiting for a decision)\n')
  })
})
