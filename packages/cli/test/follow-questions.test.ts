import { createMemoryEventLog } from '@starling/eventlog/memory'
import type { Tool, ToolProgress, ToolQuestion } from '@starling/tool'
import { describe, expect, test } from 'vitest'
import { readForm, type FormField } from '../src/form/form-field.ts'
import { readTyped } from '../src/form/read-typed.ts'
import { EXIT, type CliIo } from '../src/index.ts'
import { documents } from './support/call.ts'
import { DONE, follow, type FollowOptions } from './support/follow.ts'

const PAY = { toolCalls: [{ id: 'c1', name: 'pay', arguments: {} }] }

const FORM = {
  type: 'object',
  required: ['account', 'urgent'],
  properties: {
    account: { type: 'string', title: 'Account', description: 'Who pays.', minLength: 2 },
    amount: { type: 'integer', minimum: 1, maximum: 100 },
    rate: { type: 'number' },
    urgent: { type: 'boolean', default: false },
    colour: { type: 'string', enum: ['red', 'blue'], enumNames: ['Red', 'Sky blue'] },
    size: { type: 'string', oneOf: [{ const: 's', title: 'Small' }, { const: 'l' }], default: 'l' },
    tags: { type: 'array', items: { type: 'string', enum: ['a', 'b', 'c'] }, maxItems: 2 },
  },
}

describe('a question of a running tool', () => {
  test('its form is filled in field by field, and what is not typed is left out or the default', async () => {
    const person = typing('y', 'ada', '', '1.5', '', 'sky BLUE', '', 'a, 3')
    const { answer, stderr } = await ask({ type: 'form', message: 'Who\npays?', schema: JSON.stringify(FORM) }, person)
    expect(answer).toEqual({
      action: 'accept',
      content: '{"account":"ada","colour":"blue","rate":1.5,"size":"l","tags":["a","c"],"urgent":false}',
    })
    expect(stderr).toContain('\npay c1 asks: Who\n  pays?\n')
    expect(stderr).toContain(
      '  it wants: account, amount (optional), rate (optional), urgent, colour (optional), size (optional), tags (optional)\n',
    )
    expect(stderr).toContain('  Who pays.\n')
    expect(stderr).toContain('  1. red (Red)\n  2. blue (Sky blue)\n')
    expect(person.asked).toEqual([
      'Answer? yes, no (decline), cancel, later [cancel] ',
      'Account (text): ',
      'amount (whole number) [none]: ',
      'rate (number) [none]: ',
      'urgent (y or n) [n]: ',
      'colour (one of these) [none]: ',
      'size (one of these) [l]: ',
      'tags (several, with commas) [none]: ',
    ])
  })

  test('what a field does not take is asked for again', async () => {
    const schema = JSON.stringify({ ...FORM, properties: { account: FORM.properties.account } })
    const { answer, stderr } = await ask({ type: 'form', message: 'Who?', schema }, typing('y', '', 'x', 'ada'))
    expect(answer).toEqual({ action: 'accept', content: '{"account":"ada"}' })
    expect(stderr).toContain('account is required\nat least 2 characters\n')
  })

  test.each([
    ['y', 'accept'],
    ['n', 'decline'],
    ['decline', 'decline'],
    ['c', 'cancel'],
    ['', 'cancel'],
  ])('an address is shown, never opened; answered %j: %s', async (typed, action) => {
    const url = 'https://example.test/\u001B[2Jlogin'
    const person = typing('what', typed)
    const { answer, stderr } = await ask({ type: 'url', message: 'Log in.', url }, person)
    expect(answer).toEqual({ action })
    expect(stderr).toContain('  https://example.test/\\x1b[2Jlogin\nwhat is none of y, n, c, l\n')
  })

  test.each([
    ['a schema that is no object', '{"type":"string"}'],
    ['a field of a type that nobody can type', '{"type":"object","properties":{"a":{"type":"object"}}}'],
    ['no JSON', '{'],
  ])('%s is answered as JSON, once it is an object; an empty line goes back to the choices', async (_name, schema) => {
    const person = typing('y', '', 'y', '{"a":', '[1]', '{"a":{}}')
    const { answer, stderr } = await ask({ type: 'form', message: 'Who?', schema }, person)
    expect(answer).toEqual({ action: 'accept', content: '{"a":{}}' })
    expect(stderr).toContain(`  its fields cannot be asked for one by one; they are ${schema}\n`)
    expect(stderr).toMatch(/^not JSON: .*\na form is answered with a JSON object, not with \[1\]\n/m)
    expect(person.asked.slice(1, 3)).toEqual(['The whole answer as JSON: ', expect.stringMatching(/^Answer\? yes/)])
  })

  test('where nobody can be asked, or the terminal is gone, the answer is cancel', async () => {
    const question: ToolQuestion = { type: 'url', message: 'Log in.', url: 'https://example.test' }
    expect((await ask(question)).answer).toEqual({ action: 'cancel' })
    const gone: CliIo['ask'] = async () => Promise.reject(new Error('gone'))
    expect((await ask(question, { ask: gone })).answer).toEqual({ action: 'cancel' })
  })

  test("the agent's own code answers, and nobody is asked", async () => {
    const person = typing('y')
    const more: FollowOptions['more'] = { answer: () => ({ action: 'decline' }) }
    const { answer } = await ask({ type: 'url', message: 'Log in.', url: 'x:y' }, { ...person, more })
    expect(answer).toEqual({ action: 'decline' })
    expect(person.asked).toEqual([])
  })

  test('with --json the question is a line like any other update', async () => {
    const { stdout } = await ask({ type: 'url', message: 'Log in.', url: 'https://example.test' }, { json: true })
    expect(documents(stdout).find(({ type }) => type === 'question-asked')).toMatchObject({
      call_id: 'c1',
      tool: 'pay',
      question: { type: 'url', message: 'Log in.', url: 'https://example.test' },
    })
  })
})

describe('a field of a form', () => {
  const fields = new Map((readForm(JSON.stringify(FORM))?.fields ?? []).map((field) => [field.name, field]))
  const field = (name: string): FormField => fields.get(name) ?? { name, type: 'string', required: false, limits: {} }

  test.each([
    ['amount', '12', { value: 12 }],
    ['amount', '1.5', { problem: 'type a whole number' }],
    ['amount', 'x', { problem: 'type a number' }],
    ['amount', '0', { problem: 'at least 1' }],
    ['amount', '101', { problem: 'at most 100' }],
    ['amount', '', undefined],
    ['rate', 'Infinity', { problem: 'type a number' }],
    ['urgent', 'YES', { value: true }],
    ['urgent', 'n', { value: false }],
    ['urgent', 'maybe', { problem: 'type y or n' }],
    ['urgent', '', { value: false }],
    ['colour', '1', { value: 'red' }],
    ['colour', '3', { problem: 'one of red, blue' }],
    ['size', 'small', { value: 's' }],
    ['tags', 'a,a', { value: ['a'] }],
    ['tags', 'a,b,c', { problem: 'at most 2 of them' }],
    ['tags', 'a,z', { problem: 'one of a, b, c' }],
    ['account', '  ', { problem: 'account is required' }],
  ])('%s takes %j as %j', (name, typed, expected) => {
    expect(readTyped(field(name), typed)).toEqual(expected)
  })

  test('a field named like a part of every object is a field', async () => {
    const schema = '{"type":"object","properties":{"__proto__":{"type":"string"}}}'
    const { answer } = await ask({ type: 'form', message: 'Who?', schema }, typing('y', 'ada'))
    expect(answer).toEqual({ action: 'accept', content: '{"__proto__":"ada"}' })
  })
})

describe('progress of a tool', () => {
  const report = (context: { progress(report: ToolProgress): void }): void => {
    context.progress({ progress: 1, total: 4, message: 'half\u0007way' })
    context.progress({ progress: 2 })
  }
  const paying: Tool = {
    name: 'pay',
    description: 'Pays.',
    inputSchema: '{"type":"object"}',
    execute: async (_input, context) => {
      report(context)
      return 'null'
    },
  }

  test('on a terminal it is one line in place, taken away before the next', async () => {
    const { stdout, stderr } = await follow([PAY, DONE], { isTTY: true, env: { NO_COLOR: '1' }, tools: [paying] })
    // The second report comes too soon after the first.
    expect(stderr).toBe('\r  … pay 1 of 4 half\\x07way\u001B[K\r\u001B[K')
    expect(stdout).not.toContain('half')
  })

  test.each([[{}], [{ quiet: true, isTTY: true }]])('elsewhere it is not shown: %j', async (options) => {
    const { stdout, stderr } = await follow([PAY, DONE], { ...options, tools: [paying] })
    expect(`${stdout}${stderr}`).not.toContain('half')
  })
})

interface Person extends Pick<FollowOptions, 'ask' | 'json' | 'more'> {
  readonly asked?: readonly string[]
}

/** A person who types these lines, and what that person was shown. */
function typing(...typed: readonly string[]): Person & { readonly asked: string[] } {
  const asked: string[] = []
  return { asked, ask: async (question) => typed[asked.push(question) - 1] ?? '' }
}

/** Has a tool ask a question, and returns what it was answered. */
async function ask(question: ToolQuestion, person: Person = {}) {
  let answer: unknown
  const pay: Tool = {
    name: 'pay',
    description: 'Pays.',
    inputSchema: '{"type":"object"}',
    execute: async (_input, context) => {
      answer = await context.ask(question)
      return 'null'
    },
  }
  const { code, stdout, stderr } = await follow([PAY, DONE], { ...person, tools: [pay], log: createMemoryEventLog() })
  expect(code).toBe(EXIT.ok)
  return { answer, stdout, stderr }
}
