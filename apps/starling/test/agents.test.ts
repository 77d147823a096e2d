import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { callAll, lines, type Call, type CallResult } from './support/call.ts'

// Nothing is installed in the directory: the packages come with the program.
const AGENT = `import { defineAgent } from '@starling/core'
import { createScriptedProvider } from '@starling/provider/scripted'
import { defineTool } from '@starling/tool'
import * as z from 'zod'

type Unit = 'metres' | 'feet'
const height = defineTool({
  name: 'height',
  description: 'How high a tower is.',
  input: z.object({ tower: z.string() }),
  execute: ({ tower }: { tower: string }) => ({ tower, value: FACTOR, unit: 'metres' satisfies Unit }),
})
export const agent = defineAgent({
  model: 'scripted',
  tools: [height],
  provider: createScriptedProvider({
    turns: ({ messages }) =>
      messages.at(-1)?.role === 'tool'
        ? { text: 'It is high.' }
        : { toolCalls: [{ id: 'c1', name: 'height', arguments: { tower: 'Eiffel' } }] },
  }),
})
`

const DEFINITION = AGENT.replace('FACTOR', '330')
const HEAD = `import { createScriptedProvider } from '@starling/provider/scripted'\nconst provider = createScriptedProvider({ turns: [{ text: 'hi' }] })\n`

const FILES: Readonly<Record<string, string>> = {
  'agent.ts': DEFINITION,
  'changed.ts': AGENT.replace('FACTOR', '331'),
  'plain.mjs': `${HEAD}export const agent = { provider, model: 'm' }\n`,
  'default.ts': `${HEAD}export default { provider, model: 'm' }\n`,
  'factory.ts': `${HEAD}export async function agent(): Promise<unknown> { return { provider, model: 'm' } }\n`,
  'failing-factory.ts': `export function agent(): never { throw new Error('no credentials') }\n`,
  'step.ts': `${HEAD}import { uuid } from '@starling/step'
if (typeof uuid !== 'function') throw new Error('there is no uuid')
export const agent = { provider, model: 'm' }\n`,
  'vendors.ts': `${HEAD}import { createAiSdkProvider } from '@starling/providers-ai-sdk'
import { createAnthropicProvider } from '@starling/providers-anthropic'
import { createBedrockProvider } from '@starling/providers-bedrock'
import { createGeminiProvider } from '@starling/providers-gemini'
import { createOpenAIProvider } from '@starling/providers-openai'
import { createOpenRouterProvider } from '@starling/providers-openrouter'
import { createResilientProvider } from '@starling/providers-resilient'
const makers = [createAiSdkProvider, createAnthropicProvider, createBedrockProvider, createGeminiProvider, createOpenAIProvider, createOpenRouterProvider, createResilientProvider]
if (makers.some((make) => typeof make !== 'function')) throw new Error('a maker of providers is none')
export const agent = { provider, model: 'm' }\n`,
  'syntax.ts': `const a: number = 1\nexport const agent = {,}\n`,
  'syntax.mjs': `const a = 1\n\nexport const agent = {,}\n`,
  'enum.ts': `\nenum Unit { Metres }\nexport const agent = Unit\n`,
  'uninstalled.ts': `import { x } from '@acme/left-pad/sub'\nexport const agent = x\n`,
  'missing-import.ts': `import { x } from './nowhere.ts'\nexport const agent = x\n`,
  'wrong-name.ts': `import { defineAgnet } from '@starling/core'\nexport const agent = defineAgnet({})\n`,
  'throws.ts': `export const agent = {}\n\nthrow new TypeError('the key\\nis missing')\n`,
  'throws-text.ts': `throw 'plain text'\n`,
  'no-export.ts': `export const agnet = 1\nexport const other = 2\n`,
  'nothing.ts': ``,
  'number.ts': `export const agent = 7\n`,
  'no-provider.ts': `export const agent = { model: 'm', tools: [] }\n`,
  'no-model.ts': `${HEAD}export const agent = { provider }\n`,
  'bad-tools.ts': `${HEAD}export const agent = { provider, model: 'm', tools: { name: 'x' } }\n`,
  'bad-tool.ts': `${HEAD}export const agent = { provider, model: 'm', tools: [{ name: 'x' }] }\n`,
  'running.ts': `export const agent = { run: () => {}, stream: () => {} }\n`,
  'no-info.ts': `export const agent = { provider: { stream: () => {} }, model: 'm' }\n`,
  'typo.ts': `${HEAD}export const agent = { provider, model: 'm', bugdet: { maxUsd: 1 } }\n`,
  'typo-turns.ts': `${HEAD}export const agent = { provider, model: 'm', maxTurn: 3 }\n`,
  'type-import.ts': `import { defineAgent, AgentDefinition } from '@starling/core'\nexport const agent: AgentDefinition = defineAgent({})\n`,
  'in-library.ts': `import { defineTool } from '@starling/tool'\n\nexport const agent = defineTool(undefined)\n`,
  'no-package.ts': `import { x } from '@starling/nothing'\nexport const agent = x\n`,
  'promise.ts': `${HEAD}export const agent = Promise.resolve({ provider, model: 'm' })\n`,
  'rejected.ts': `export const agent = Promise.reject(new Error('no credentials'))\n`,
  'undefined.ts': `export const agent = undefined\n`,
  'empty.ts': `export const agent = {}\n`,
  'instance.ts': `class Robot { name = 'r' }\nexport const agent = new Robot()\n`,
  'bad-sources.ts': `${HEAD}export const agent = { provider, model: 'm', toolSources: [{ name: 's' }] }\n`,
  'one-source.ts': `${HEAD}export const agent = { provider, model: 'm', toolSources: { name: 's' } }\n`,
  'bad-policy.ts': `${HEAD}export const agent = { provider, model: 'm', policy: { rules: [] } }\n`,
  'bad-approve.ts': `${HEAD}export const agent = { provider, model: 'm', approve: true }\n`,
  'bad-answer.ts': `${HEAD}export const agent = { provider, model: 'm', answer: 'yes' }\n`,
  'bad-timeout.ts': `${HEAD}export const agent = { provider, model: 'm', approvalTimeoutMs: -1 }\n`,
  'bad-option.ts': `${HEAD}export const agent = { provider, model: 'm', maxTurns: -1 }\n`,
}

// Every call starts a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-agents-'))
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(directory, name), text)
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('run, replay and resume with a module in an empty directory', () => {
  let results: readonly CallResult[]
  let from: readonly CallResult[]

  beforeAll(async () => {
    const id = ['--id', 'r1']
    results = await inDirectory([
      ['run', '--agent', 'agent.ts', 'runs.db', 'How high is it?', ...id],
      ['validate', 'runs.db', 'r1'],
      ['replay', '-a', 'agent.ts', 'runs.db', 'r1'],
      ['replay', '-a', 'changed.ts', 'runs.db', 'r1'],
      ['replay', '-a', 'changed.ts', 'runs.db', 'r1', '--json', '--all'],
      ['replay', '-a', 'changed.ts', 'runs.db', 'r1', '--tools', 'recorded'],
      ['run', '--agent', 'agent.ts', 'runs.db', 'again', ...id],
      ['resume', '--agent', 'agent.ts', 'runs.db', 'r1'],
      ['fork', 'runs.db', 'r1', '--before', '4', '--as', 'r2'],
      ['resume', '--agent', 'agent.ts', 'runs.db', 'r2'],
      ['validate', 'runs.db'],
      ['replay', '--agent', 'agent.ts', 'runs.db', 'r2'],
      ['run', '--agent', 'plain.mjs', 'runs.db', 'go', '-q'],
      ['run', '--agent', 'default.ts', 'runs.db', 'go', '-q'],
      ['run', '--agent', 'factory.ts', 'runs.db', 'go', '-q'],
      ['run', '--agent', 'promise.ts', 'runs.db', 'go', '-q'],
      ['run', '--agent', 'vendors.ts', 'runs.db', 'go', '-q'],
      ['run', '--agent', 'step.ts', 'runs.db', 'go', '-q'],
    ])
    const replay = ['replay', '-a', 'agent.ts', 'runs.db', 'r1']
    from = await inDirectory([
      [...replay, '--from', '99'],
      [...replay, '--from', '0'],
      [...replay, '--from', '1.5'],
      [...replay, '--from', '6'],
      [...replay, '--from', '6', '--json'],
      ['replay', '-a', 'changed.ts', 'runs.db', 'r1', '--from', '4'],
    ])
  })

  test('the run is recorded and valid', () => {
    expect(results[0]).toMatchObject({ code: 0, stdout: 'It is high.\n' })
    expect(results[0]?.stderr).toMatch(/^run r1 completed: 2 turns, 1 tool call/)
    expect(results[1]).toEqual({ code: 0, stdout: 'r1\tOK\n', stderr: '' })
  })

  test('it replays', () => {
    expect(results[2]).toEqual({ code: 0, stdout: 'OK: replay matches recorded log (8 events)\n', stderr: '' })
  })

  test.each([
    [0, '--from must be an event of the run, 1 to 8; got 99'],
    [1, '--from must be an event of the run, 1 to 8; got 0'],
    [2, '--from needs a whole number of 0 or more, got "1.5"'],
  ])('it replays from no event that it does not have (%i)', (index, problem) => {
    expect(at(from, index)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(problem) })
  })

  test('a replay from an event on says how many were compared', () => {
    expect(at(from, 3)).toMatchObject({
      code: 0,
      stdout: 'OK: replay matches recorded log (3 events from event 6 on)\n',
    })
    expect(JSON.parse(at(from, 4).stdout)).toMatchObject({ events_recorded: 8, compared_from: 6, events_compared: 3 })
    expect(at(from, 5).code).toBe(3)
    expect(at(from, 5).stdout).toMatch(/\(\d of \d events from event \d on reproduced\)/)
  })

  test('a tool that now answers otherwise is a divergence, with both values', () => {
    const { code, stdout } = at(results, 3)
    expect(code).toBe(3)
    expect(lines(stdout)[0]).toMatch(/^DIVERGED: .+ \(4 of 8 events reproduced\)$/)
    expect(stdout).toContain('event 5 ToolCallCompleted')
    expect(stdout).toMatch(/ {2}at {7}result\.value\n {2}recorded 330\n {2}replayed 331\n/)
    expect(stdout).toMatch(/ {2}turn {5}\S+\n {2}call {5}c1\n {2}tool {5}height\n/)
  })

  test('--all --json lists every divergence', () => {
    const { code, stdout } = at(results, 4)
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      run_id: 'r1',
      status: 'diverged',
      events_recorded: 8,
      divergences: [
        {
          seq: 5,
          class: 'payload',
          path: 'result.value',
          recorded: 330,
          produced: 331,
          turn_id: expect.any(String),
          call_id: 'c1',
          tool: 'height',
        },
      ],
    })
  })

  test('with recorded tools the same recording replays', () => {
    expect(at(results, 5).code).toBe(0)
  })

  test('a run id is used once', () => {
    expect(at(results, 6).code).toBe(1)
    expect(at(results, 6).stderr).toMatch(/^starling: .*already has a run r1/)
  })

  test('a run that has ended is not resumed', () => {
    expect(at(results, 7).code).toBe(1)
    expect(at(results, 7).stderr).toMatch(/^starling: .*r1.*ended/)
  })

  test('a run that was cut off is resumed to its end, and replays', () => {
    expect(at(results, 9)).toMatchObject({ code: 0, stdout: 'It is high.\n' })
    expect(lines(at(results, 10).stdout).toSorted()).toEqual(['r1\tOK', 'r2\tOK'])
    expect(at(results, 11).code).toBe(0)
  })

  test('a run of another agent is resumed only with --force, by the name of the flag here', async () => {
    const [, refused, forced] = await inDirectory([
      ['fork', 'runs.db', 'r1', '--before', '4', '--as', 'r3'],
      ['resume', '-a', 'plain.mjs', 'runs.db', 'r3'],
      ['resume', '-a', 'plain.mjs', 'runs.db', 'r3', '--force', '-q'],
    ])
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/; is this the right --agent\? if so, use --force to resume it all the same\n$/),
    })
    expect(forced).toMatchObject({ code: 0 })
  })

  test('plain JavaScript, a default export, a factory and a promise work too', () => {
    expect(results.slice(12)).toEqual(Array.from({ length: 6 }, () => ({ code: 0, stdout: 'hi\n', stderr: '' })))
  })
})

describe('a module that cannot be used', () => {
  const CASES: readonly (readonly [file: string, code: number, line: string | RegExp])[] = [
    ['none.ts', 5, 'no module none.ts; check the path'],
    ['.', 1, '. is a directory; name the module, such as ./agent.ts'],
    ['syntax.ts', 1, /^syntax\.ts:2: syntax error: /],
    ['syntax.mjs', 1, /^syntax\.mjs:3: syntax error: /],
    [
      'enum.ts',
      1,
      /^enum\.ts:2: TypeScript enum is not supported in strip-only mode; Node only strips types, so write it without enums/,
    ],
    [
      'uninstalled.ts',
      1,
      'uninstalled.ts imports @acme/left-pad, which is not installed; run `npm install @acme/left-pad` there',
    ],
    ['missing-import.ts', 1, 'missing-import.ts imports nowhere.ts, which does not exist'],
    ['wrong-name.ts', 1, /^wrong-name\.ts:1: syntax error: .*does not provide an export named 'defineAgnet'$/],
    ['throws.ts', 1, 'throws.ts failed while loading: the key is missing (throws.ts:3)'],
    ['throws-text.ts', 1, 'throws-text.ts threw plain text while loading'],
    ['failing-factory.ts', 1, 'failing-factory.ts: the function or promise exported as agent failed: no credentials'],
    [
      'no-export.ts',
      1,
      'no-export.ts exports no `agent` (it exports agnet, other); write: export const agent = defineAgent({ … })',
    ],
    [
      'nothing.ts',
      1,
      'nothing.ts exports no `agent` (it exports nothing); write: export const agent = defineAgent({ … })',
    ],
    ['number.ts', 1, 'number.ts: agent must be a definition made with defineAgent, got 7'],
    ['no-provider.ts', 1, 'no-provider.ts: agent.provider must be a provider, got nothing'],
    ['no-model.ts', 1, 'no-model.ts: agent.model must name a model, got nothing'],
    ['bad-tools.ts', 1, 'bad-tools.ts: agent.tools must be a list of tools, got an object with name'],
    ['bad-tool.ts', 1, 'bad-tool.ts: agent.tools[0] must be a tool made with defineTool, got an object with name'],
    ['bad-sources.ts', 1, 'bad-sources.ts: agent.toolSources[0] must be a tool source, got an object with name'],
    ['one-source.ts', 1, 'one-source.ts: agent.toolSources must be a list of sources, got an object with name'],
    ['bad-policy.ts', 1, 'bad-policy.ts: agent.policy must be made with createCallPolicy, got an object with rules'],
    ['bad-approve.ts', 1, 'bad-approve.ts: agent.approve must be a function, got true'],
    ['bad-answer.ts', 1, 'bad-answer.ts: agent.answer must be a function, got "yes"'],
    ['bad-timeout.ts', 1, /^bad-timeout\.ts: approvalTimeoutMs is -1/],
    ['running.ts', 1, /^running\.ts: agent must be a definition made with defineAgent, not a running agent/],
    ['no-info.ts', 1, 'no-info.ts: agent.provider must have info with id and apiVersion, got nothing'],
    ['typo.ts', 1, 'typo.ts: agent has an unknown key bugdet; did you mean budget?'],
    ['typo-turns.ts', 1, 'typo-turns.ts: agent has an unknown key maxTurn; did you mean maxTurns?'],
    [
      'type-import.ts',
      1,
      /^type-import\.ts:1: syntax error: .*; if AgentDefinition is a type, write `import type \{ AgentDefinition \}`$/,
    ],
    ['in-library.ts', 1, /^in-library\.ts failed while loading: .+ \(in-library\.ts:3\)$/],
    ['no-package.ts', 1, /^no-package\.ts imports @starling\/nothing, which is not installed; /],
    ['rejected.ts', 1, 'rejected.ts: the function or promise exported as agent failed: no credentials'],
    ['undefined.ts', 1, 'undefined.ts: agent must be a definition made with defineAgent, got nothing'],
    ['empty.ts', 1, 'empty.ts: agent must be a definition made with defineAgent, got an empty object'],
    ['instance.ts', 1, 'instance.ts: agent must be a definition made with defineAgent, got an instance of Robot'],
    ['bad-option.ts', 1, /maxTurns is -1/],
  ]
  let results: readonly CallResult[]

  beforeAll(async () => {
    results = await inDirectory([
      ...CASES.map(([file]) => ['run', '--agent', file, 'never.db', 'go']),
      ['list', 'never.db'],
    ])
  })

  test.each(CASES.map((entry, index) => [...entry, index] as const))(
    '%s exits with %i and one clear line',
    (...[_file, code, line, index]) => {
      const result = at(results, index)
      expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' })
      expect(lines(result.stderr)).toHaveLength(1)
      const message = result.stderr.replace(/^starling: /, '').trimEnd()
      expect(message).toMatch(typeof line === 'string' ? exactly(line) : line)
    },
  )

  test('none of them leaves a log behind', () => {
    expect(results.at(-1)).toMatchObject({ code: 5 })
  })
})

describe('the configuration of a directory', () => {
  const CONFIGS: Readonly<Record<string, string>> = {
    good: `import { defineConfig } from '@starling/cli'\nexport const config = defineConfig({ agent: '../agent.ts', db: 'here.db' })\n`,
    inline: `import { agent } from '../agent.ts'\nexport default { agent, db: 'here.db' }\n`,
    empty: `export const other = 1\n`,
    unknown: `export const config = { databse: 'x.db' }\n`,
    badDb: `export const config = { db: 7 }\n`,
    badAgent: `export const config = { agent: 7 }\n`,
    missing: `export const config = { agent: './nope.ts' }\n`,
    broken: `export const config = {,}\n`,
  }
  let results: ReadonlyMap<string, CallResult>

  beforeAll(async () => {
    const calls: (readonly [string, Call])[] = []
    for (const [name, text] of Object.entries(CONFIGS)) {
      await mkdir(join(directory, name))
      await writeFile(join(directory, name, 'starling.config.ts'), text)
      calls.push([name, { argv: ['run', '--quiet', 'How high?'], cwd: join(directory, name) }])
    }
    calls.push(
      ['list', { argv: ['list', '--json'], cwd: join(directory, 'good') }],
      ['no config', { argv: ['run', 'x.db', 'go'], cwd: directory }],
      ['empty goal', { argv: ['run', ' '], cwd: join(directory, 'good') }],
      ['stdin', { argv: ['run', '-q', '-'], cwd: join(directory, 'good'), stdin: 'How\nhigh?\n' }],
    )
    const printed = await callAll(calls.map(([, call]) => call))
    results = new Map(calls.map(([name], index) => [name, at(printed, index)]))
  })

  test.each([['good'], ['inline'], ['stdin']])('%s: agent and log come from it', (name) => {
    expect(results.get(name)).toEqual({ code: 0, stdout: 'It is high.\n', stderr: '' })
  })

  test('reading commands use its log', () => {
    expect(JSON.parse(results.get('list')?.stdout ?? '')).toMatchObject({ total_matching: 1 })
  })

  test.each([
    ['no config', 2, /no agent: name its module with --agent \.\/agent\.ts, or in starling\.config\.ts/],
    ['empty', 1, /starling\.config\.ts exports no `config`/],
    ['unknown', 1, /starling\.config\.ts: unknown key databse; there are agent and db/],
    ['badDb', 1, /starling\.config\.ts: db must be a path, got 7/],
    ['badAgent', 1, /starling\.config\.ts: agent must be the path of a module or an agent definition, got number/],
    ['missing', 2, /missing <db>/],
    ['broken', 1, /starling\.config\.ts:1: syntax error/],
    ['empty goal', 2, /the goal is empty/],
  ])('%s exits with %i', (name, code, problem) => {
    expect(results.get(name)).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(problem) })
  })
})

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`)
}

function at(results: readonly CallResult[], index: number): CallResult {
  const result = results[index]
  if (result === undefined) throw new Error(`there was no call ${index}`)
  return result
}

async function inDirectory(calls: readonly (readonly string[])[]): Promise<readonly CallResult[]> {
  return callAll(calls.map((argv) => ({ argv, cwd: directory })))
}
