import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { SEMANTIC_CONVENTIONS_VERSION } from '../src/tracing/index.ts'
import type { PrintedSpan } from './support/printed-span.ts'

// The numbers of OpenTelemetry's API.
const CLIENT = 2
const ERROR = 2

type Scenario = 'tree' | 'failed' | 'capped' | 'inside' | 'cancelled' | 'untraced' | 'global'

let scenarios: Readonly<Record<Scenario, readonly PrintedSpan[]>>

beforeAll(async () => {
  const program = fileURLToPath(new URL('support/trace-runs.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@starling/source', program])
  scenarios = JSON.parse(stdout)
})

test('a run is a tree: the run, its turns, and in each the model call and the tool calls', () => {
  expect(scenarios.tree.map(({ path }) => path).toSorted()).toEqual([
    'agent.run',
    'agent.run > agent.turn',
    'agent.run > agent.turn',
    'agent.run > agent.turn > agent.llm_call',
    'agent.run > agent.turn > agent.llm_call',
    'agent.run > agent.turn > agent.tool_call',
  ])
})

test('the span of a run says which, and which agent', () => {
  expect(named('tree', 'agent.run').attributes).toEqual({
    run_id: 'run-1',
    resumed: false,
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.conversation.id': 'run-1',
    'gen_ai.provider.name': 'scripted',
    'gen_ai.request.model': 'gpt-4o',
  })
})

test('the span of a model call carries its turn, tokens and stop reason', () => {
  const turn = named('tree', 'agent.turn')
  expect(turn.attributes).toEqual({ turn: 0, turn_id: expect.stringMatching(/^[0-9A-Z]{26}$/) })
  expect(named('tree', 'agent.llm_call')).toMatchObject({
    kind: CLIENT,
    attributes: {
      model: 'gpt-4o',
      turn_id: turn.attributes['turn_id'],
      attempt: 1,
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 3,
      'gen_ai.response.finish_reasons': ['tool_use'],
    },
  })
})

test('the span of a tool call names tool, call and attempt', () => {
  expect(named('tree', 'agent.tool_call').attributes).toEqual({
    tool: 'look',
    call_id: 'c1',
    attempt: 1,
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'look',
    'gen_ai.tool.call.id': 'c1',
  })
})

test('what fails has the status error and says why', () => {
  expect(named('failed', 'agent.tool_call')).toMatchObject({
    status: { code: ERROR, message: 'blind' },
    attributes: { 'error.type': 'tool' },
  })
  expect(named('failed', 'agent.run')).toMatchObject({
    status: { code: ERROR, message: 'starling: tool "look" (call c1): blind' },
    attributes: { 'error.type': 'tool' },
  })
})

test('a model call that a cap cuts off ends its span with the error', () => {
  expect(named('capped', 'agent.llm_call').status).toEqual({ code: ERROR, message: 'step: budget exceeded' })
  expect(named('capped', 'agent.run').attributes).toMatchObject({ 'error.type': 'budget' })
})

test('a cancelled run says so, and why', () => {
  expect(named('cancelled', 'agent.run')).toMatchObject({
    status: { code: ERROR, message: 'enough' },
    attributes: { 'error.type': 'cancelled' },
  })
})

test('the default tracer names the conventions that its attributes follow', () => {
  expect(named('global', 'agent.run').schemaUrl).toBe(
    `https://opentelemetry.io/schemas/${SEMANTIC_CONVENTIONS_VERSION}`,
  )
})

test('spans that a tool opens are children of its call', () => {
  expect(named('inside', 'inside').path).toBe('agent.run > agent.turn > agent.tool_call > inside')
})

test('without an SDK nothing is traced and nothing breaks', () => {
  expect(scenarios.untraced).toEqual([])
})

function named(scenario: keyof typeof scenarios, name: string): PrintedSpan {
  const span = scenarios[scenario].find(({ path }) => path === name || path.endsWith(` > ${name}`))
  if (span === undefined) throw new Error(`${scenario} has no span ${name}`)
  return span
}
