import { createMemoryEventLog } from '@starling/eventlog/memory'
import { describe, expect, test } from 'vitest'
import { readApprovalEvent } from '../src/approvals/recorded-approval.ts'
import { EXIT } from '../src/index.ts'
import { call, lines, type CallResult } from './support/call.ts'
import { payer, recordDoubtfulRun } from './support/doubtful-run.ts'
import { helloRun } from './support/events.ts'
import { DONE, follow } from './support/follow.ts'
import { createMemoryStore } from './support/memory-store.ts'

describe('at the terminal, a call that may already have happened', () => {
  async function answered(...answers: readonly string[]) {
    const log = createMemoryEventLog()
    await recordDoubtfulRun(log)
    const asked: string[] = []
    const made: string[] = []
    const { stderr } = await follow([DONE], {
      log,
      resume: true,
      ask: async (text) => {
        asked.push(text)
        return answers[asked.length - 1] ?? ''
      },
      more: { tools: [payer(async (input) => (made.push(input), '"paid"'))] },
    })
    const recorded = (await log.read('r')).map(readApprovalEvent)
    return { stderr, asked, made, decision: recorded.findLast((item) => item?.type === 'approval-decided') }
  }

  test('is asked about as what it is: yes makes it again', async () => {
    const { stderr, asked, made, decision } = await answered('y')
    expect(stderr).toContain('pay c1: it may already have happened: its process ended while it was made\n')
    expect(stderr).toContain(
      '\n  yes makes it again; no leaves its outcome unknown; give tells the model what came of it\n',
    )
    expect(asked).toEqual(['Make it again? yes, no, edit, give its result, later [no] '])
    expect(made).toEqual(['{"sum":5}'])
    expect(decision).toMatchObject({ decision: 'approve' })
  })

  test('is not made again with no', async () => {
    const { made, decision } = await answered('n', 'look it up')
    expect(made).toEqual([])
    expect(decision).toMatchObject({ decision: 'deny', reason: 'look it up' })
  })

  test('is given the result that somebody has found, once that is JSON', async () => {
    const { asked, made, decision, stderr } = await answered('give', '', 'g', 'paid', '{"paid":true}')
    expect(asked.slice(1)).toEqual(['Its result as JSON: ', asked[0], 'Its result as JSON: ', 'Its result as JSON: '])
    expect(stderr).toMatch(/^not JSON: /m)
    expect(made).toEqual([])
    expect(decision).toMatchObject({ decision: 'answer', result: '{"paid":true}' })
  })
})

describe('from elsewhere, a call that may already have happened', () => {
  async function run(...argv: readonly string[]): Promise<CallResult> {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('ended'))
    await recordDoubtfulRun(store.log('x.db'))
    return call(argv, { store, user: 'ada@test' })
  }

  test('is listed with what each decision means', async () => {
    const [, why] = lines((await run('approvals', 'x.db', 'r')).stdout)
    expect(why).toMatch(
      /made; approve makes it again, deny leaves its outcome unknown, approve --result gives it; asked /,
    )
  })

  test.each([
    [['approve'], 'it is made again'],
    [['deny'], 'it is not made again, and its outcome stays unknown'],
    [['approve', '--result', '1'], 'this counts as what came of it'],
  ])('is decided on with %j: %s', async ([command = '', ...more], meaning) => {
    const { code, stderr } = await run(command, 'x.db', 'r', ...more)
    expect(code).toBe(EXIT.ok)
    expect(stderr).toContain(`\n  it may already have happened: ${meaning}\n`)
  })

  test.each(['approve', 'deny', 'resume'])('has its meaning in the help of %s', async (command) => {
    expect((await run(command, '--help')).stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /may already have happened, .*(?:made again|makes it again)/,
    )
  })
})

test('a call that has not been made has no result to give', async () => {
  const asked: string[] = []
  const { stderr } = await follow([{ toolCalls: [{ id: 'c1', name: 'add', arguments: { a: 1, b: 2 } }] }, DONE], {
    approval: true,
    ask: async (text) => {
      asked.push(text)
      return asked.length === 1 ? 'g' : 'y'
    },
  })
  expect(asked[0]).toBe('Allow it? yes, no, edit, later [no] ')
  expect(stderr).toContain('g is none of y, n, e, l\n')
})
