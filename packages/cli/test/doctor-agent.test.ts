import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../src/index.ts'
import { call, documents, lines } from './support/call.ts'

describe('doctor --agent', () => {
  let directory = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'starling-doctor-'))
  })
  afterAll(async () => rm(directory, { recursive: true }))

  async function doctor(provider: string, model: string, env: Readonly<Record<string, string>>): Promise<string[]> {
    const file = `${provider}-${model.replaceAll(/\W/g, '-')}.mjs`
    const parts = `info: { id: ${JSON.stringify(provider)}, apiVersion: '1' }, capabilities: {}`
    await writeFile(
      join(directory, file),
      `export const agent = { model: ${JSON.stringify(model)}, provider: { ${parts}, stream: async function* () {} } }\n`,
    )
    const { code, stdout } = await call(['doctor', '--agent', file], { cwd: directory, env })
    expect(code).toBe(EXIT.ok)
    expect(stdout).not.toContain('secret')
    return lines(stdout).filter((line) => line.slice(2).startsWith('agent'))
  }

  test('tells that the key is there, by the name of its variable only', async () => {
    expect(await doctor('anthropic', 'claude-opus-5-5', { ANTHROPIC_API_KEY: 'secret' })).toEqual([
      '✓ agent                  anthropic-claude-opus-5-5.mjs asks claude-opus-5-5 of anthropic',
      '✓ agent key              anthropic finds ANTHROPIC_API_KEY',
      '✓ agent price            claude-opus-5-5 is priced as claude-opus-5-5',
    ])
  })

  test.each([
    ['openai', {}, '· agent key              missing for openai: OPENAI_API_KEY, unless the agent gives it one itself'],
    [
      'gemini',
      { OPENAI_API_KEY: 'secret' },
      '· agent key              missing for gemini: GEMINI_API_KEY or GOOGLE_API_KEY, unless the agent gives it one itself',
    ],
    ['gemini', { GOOGLE_API_KEY: 'secret' }, '✓ agent key              gemini finds GOOGLE_API_KEY'],
    [
      'bedrock',
      { AWS_ACCESS_KEY_ID: 'secret' },
      '· agent key              missing for bedrock: AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY or AWS_PROFILE, unless the AWS SDK finds one elsewhere',
    ],
    [
      'bedrock',
      { AWS_ACCESS_KEY_ID: 'secret', AWS_SECRET_ACCESS_KEY: 'secret' },
      '✓ agent key              bedrock finds AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ],
    ['scripted', {}, '✓ agent key              the scripted provider needs none'],
    ['my-own', {}, '· agent key              nothing is known of the keys of my-own'],
    ['constructor', {}, '· agent key              nothing is known of the keys of constructor'],
  ])('knows of %s with %j', async (provider, env: Readonly<Record<string, string>>, line) => {
    expect(await doctor(provider, 'gpt-4o', env)).toContain(line)
  })

  test('tells that a model has no price', async () => {
    expect(await doctor('openai', 'unheard-of', {})).toContain(
      '· agent price            no price for unheard-of: its runs count as free; see `starling prices`',
    )
  })

  test('asks every tool source what it offers, lets go of it, and fails when it has nothing to give', async () => {
    const parts = `info: { id: 'scripted', apiVersion: '1' }, capabilities: {}`
    await writeFile(
      join(directory, 'sources.mjs'),
      `import { appendFileSync } from 'node:fs'
const source = (name, list) => ({ name, list, restore: () => [], close: async () => appendFileSync(${JSON.stringify(join(directory, 'closed'))}, name + ' ') })
const tools = ['read', 'write'].map((name) => ({ name }))
export const agent = { model: 'm', provider: { ${parts}, stream: async function* () {} }, toolSources: [
  source('files', async () => ({ tools, recorded: '' })),
  source('gone', async () => { throw new Error('spawn nowhere ENOENT') }),
] }\n`,
    )
    const { code, stdout } = await call(['doctor', '--agent', 'sources.mjs'], { cwd: directory })
    expect(code).toBe(EXIT.failure)
    expect(lines(stdout).filter((line) => line.includes('tool source'))).toEqual([
      '✓ tool source            files has 2 tools: read write',
      '✗ tool source            gone has none to give: spawn nowhere ENOENT',
    ])
    expect((await readFile(join(directory, 'closed'), 'utf8')).trim().split(' ').toSorted()).toEqual(['files', 'gone'])
  })

  test('does not take the price of a vendor for what somebody else serves under its name', async () => {
    expect(await doctor('ollama', 'gpt-4o', {})).toContain(
      '· agent price            no price for gpt-4o: its runs count as free; see `starling prices`',
    )
  })

  test('an agent that cannot be loaded is a failed check, and the others are still told', async () => {
    const { code, stdout } = await call(['doctor', '-a', 'none.mjs', '--json'], { cwd: directory })
    expect(code).toBe(EXIT.notFound)
    const [report] = documents(stdout)
    expect(report.checks.at(-1)).toEqual({ name: 'agent', status: 'fail', note: 'no module none.mjs; check the path' })
    expect(report.checks[0].name).toBe('starling version')
  })
})
