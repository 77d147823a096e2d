import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkArguments } from '../src/form/check-arguments.ts'
import { EXIT } from '../src/index.ts'
import { call, lines, type CallResult } from './support/call.ts'
import { helloRun } from './support/events.ts'
import { recordWaitingRun } from './support/waiting-run.ts'
import { createMemoryStore } from './support/memory-store.ts'

const schemaOf = (properties: object, more: object = {}): string =>
  JSON.stringify({ type: 'object', properties, ...more })

describe('the arguments of a call', () => {
  test.each(['[]', '1', '"x"', 'null'])('are a JSON object, which %s is not', (content) => {
    expect(checkArguments(content)).toEqual([`arguments are a JSON object, not ${content}`])
  })

  test.each<[object, unknown, string | undefined]>([
    [{ type: 'string' }, 1, 'f: wants a text, got 1'],
    [{ type: 'string', maxLength: 1 }, 'xy', 'f: at most 1 characters'],
    [{ enum: [1, 2] }, 3, 'f: one of 1, 2, got 3'],
    [{ enum: [1, null] }, null, undefined],
    [{ const: 'a' }, 'b', 'f: one of "a", got "b"'],
    [{ enum: [{ a: 1 }] }, 3, undefined],
    [{ type: 'array', items: { type: 'string' } }, 'x', 'f: wants a list, got "x"'],
    [{ type: 'array', items: { type: 'string' } }, [1], undefined],
    [{ type: 'object' }, [], 'f: wants an object, got []'],
    [{ type: 'object', properties: { a: { type: 'string' } } }, { a: 1 }, undefined],
    [{ type: ['string', 'null'] }, null, undefined],
    [{ type: ['integer', 'null'] }, 1.5, 'f: wants a whole number or null, got 1.5'],
    [{ type: ['number', 'boolean'] }, 'x', 'f: wants a number or true or false, got "x"'],
    [{ type: 'thing' }, 'x', undefined],
    [{ anyOf: [{ type: 'string' }] }, 1, undefined],
    [{ $ref: '#/$defs/a' }, 1, undefined],
  ])('fit %j: %j, else it is said: %s', (property, value, problem) => {
    const problems = checkArguments(JSON.stringify({ f: value }), schemaOf({ f: property }))
    expect(problems).toEqual(problem === undefined ? [] : [problem])
  })

  test('may hold more than the schema names, unless it says that they may not', () => {
    expect(checkArguments('{"b":1}', schemaOf({ a: {} }))).toEqual([])
    expect(checkArguments('{"b":1}', schemaOf({ a: {}, c: {} }, { additionalProperties: false }))).toEqual([
      'the tool takes no b; it takes a, c',
    ])
    const more = { additionalProperties: false, patternProperties: { '^b': {} } }
    expect(checkArguments('{"b":1}', schemaOf({}, more))).toEqual([])
  })

  test('hold what is required, also under the names of what every object inherits', () => {
    expect(checkArguments('{}', schemaOf({}, { required: ['toString', 'a'] }))).toEqual([
      'toString is required',
      'a is required',
    ])
  })
})

describe('arguments that are given with --input', () => {
  const AGENT = fileURLToPath(new URL('support/echo-agent.ts', import.meta.url))

  async function ask(): Promise<(...argv: readonly string[]) => Promise<CallResult>> {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('other'))
    const options = { store, user: 'ada@test' }
    const started = await call(['run', '-a', AGENT, '--approve', 'later', '--id', 'r', 'x.db', 'ship done'], options)
    expect(started.code).toBe(EXIT.suspended)
    return async (...argv) => call(['approve', 'x.db', 'r', ...argv], options)
  }

  test.each([[['--agent', AGENT]], [['--agent', AGENT, '--no-resume']]])(
    'are held against the tool before anything is recorded, with %j',
    async (flags) => {
      const approve = await ask()
      const { code, stdout, stderr } = await approve(...flags, '--input', '{"count":"two","tags":1,"too":"prod"}')
      expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
      expect(lines(stderr)).toEqual([
        'starling: the arguments do not fit ship, which call c1 is of; nothing was recorded',
        '  to is required',
        '  count: wants a whole number, got "two"',
        '  tags: wants a list or null, got 1',
        '  the tool takes no too; it takes to, count, tags',
        "Run 'starling approve --help' for usage.",
      ])
      expect((await approve(...flags, '--input', '{"to":"lab","count":2}')).code).toBe(EXIT.ok)
    },
  )

  test('are a JSON object, also without an agent', async () => {
    const approve = await ask()
    const { code, stderr } = await approve('--input', '["lab"]')
    expect(code).toBe(EXIT.usage)
    expect(lines(stderr).slice(0, 2)).toEqual([
      'starling: the arguments do not fit ship, which call c1 is of; nothing was recorded',
      '  arguments are a JSON object, not ["lab"]',
    ])
    expect((await approve('--input', '{"anything":1}')).code).toBe(EXIT.ok)
  })
})

test('an agent that has no tool in common with the run is asked for before --force is', async () => {
  const agent = fileURLToPath(new URL('support/echo-agent.ts', import.meta.url))
  const store = createMemoryStore()
  await store.add('x.db', helloRun('other'))
  await recordWaitingRun(store.log('x.db'), { runId: 'r', nowMs: Date.UTC(2026, 0, 31) })
  const options = { store, user: 'ada@test' }
  const resumed = await call(['resume', '-a', agent, 'x.db', 'r'], options)
  expect(resumed.stderr).toMatch(/; is this the right --agent\? if so, use --force to resume it all the same\n/)
  const denied = await call(['deny', '-a', agent, '--all', 'x.db', 'r'], options)
  expect(denied.stderr).toMatch(
    /is this the right --agent\? if so, the decision is recorded; use starling resume --force/,
  )
})
