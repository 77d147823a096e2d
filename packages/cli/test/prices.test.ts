import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_PRICES, PRICES_AS_OF, VENDOR_PRICES } from '@starling/step'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../src/index.ts'
import { suggestAll } from '../src/suggest.ts'
import { call, documents, lines } from './support/call.ts'

describe('prices', () => {
  test('lists every model under its vendor, in columns, with the date of the table', async () => {
    const { code, stdout, stderr } = await call(['prices'])
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
    const all = lines(stdout)
    expect(all[0]).toContain(`Prices of ${PRICES_AS_OF} in USD per million tokens.`)
    for (const { vendor, source, prices } of VENDOR_PRICES) {
      const start = all.indexOf(`${vendor} ${source}`)
      const block = all.slice(start + 2, all.indexOf('', start) === -1 ? undefined : all.indexOf('', start))
      expect(block.filter((line) => !line.startsWith(' ')).map((line) => line.split(' ')[0])).toEqual(
        Object.keys(prices),
      )
    }
    // Where one number ends all of its column end.
    const end = (all.find((line) => line.startsWith('MODEL')) ?? '').indexOf('INPUT') + 'INPUT'.length
    const rates = all.slice(0, all.indexOf('Other names of the models above'))
    for (const line of rates.filter((each) => /^(?:gpt|claude|gemini|amazon|x-ai|groq| )/.test(each)))
      expect(line.slice(0, end + 1)).toMatch(/\d ?$/)
  })

  test('fits into 100 columns', async () => {
    const all = lines((await call(['prices'])).stdout)
    expect(all.filter((line) => line.length > 100)).toEqual([])
    expect(Math.max(...all.map((line) => line.length))).toBeGreaterThan(80)
  })

  test('lists the other names of every model that has some, below the rates', async () => {
    const all = lines((await call(['prices'])).stdout)
    const section = all.slice(all.indexOf('Other names of the models above') + 1)
    expect(section[0]).toMatch(/^MODEL +ALSO$/)
    const listed = new Map<string, string[]>()
    let model = ''
    for (const line of section.slice(1)) {
      const [first = '', ...rest] = line.split(/,? +/)
      if (first !== '') model = first
      listed.set(
        model,
        [...(listed.get(model) ?? []), ...rest].map((name) => name.replace(/,$/, '')),
      )
    }
    expect(Object.fromEntries(listed)).toEqual(Object.assign({}, ...VENDOR_PRICES.map(({ aliases }) => aliases)))
    expect(listed.get('chatgpt-4o')).toEqual(['chatgpt-4o-latest'])
  })

  test.each(VENDOR_PRICES.flatMap(({ aliases }) => Object.entries(aliases)))(
    'the names of %s find it, and tell of each other',
    async (key, names) => {
      const { code, stdout } = await call(['prices', '--json', ...names])
      expect(code).toBe(EXIT.ok)
      expect(documents(stdout)[0].models.map(({ key: found }: { key: string }) => found)).toEqual(names.map(() => key))
      for (const model of documents(stdout)[0].models) expect(model.aliases).toEqual(names)
    },
  )

  test('a rate of its own for long prompts stands below the model', async () => {
    const { stdout } = await call(['prices', 'claude-haiku-5-5'])
    expect(stdout).toBe(
      [
        'MODEL                          INPUT  OUTPUT  CACHE READ  CACHE WRITE  WRITE 1H',
        'claude-haiku-5-5                 0.1     0.5        0.01        0.125       0.2',
        '  above 100k tokens of prompt    0.5     2.5        0.05        0.625         1',
        '',
        `claude-haiku-5-5: by its name in the table of ${PRICES_AS_OF}`,
        '',
      ].join('\n'),
    )
  })

  test('a column stands only where one of the models has such a rate', async () => {
    const { stdout } = await call(['prices', 'gpt-4o'])
    expect(lines(stdout)).toEqual([
      'MODEL   INPUT  OUTPUT  CACHE READ  CACHE WRITE',
      'gpt-4o    2.5      10        1.25',
      '',
      `gpt-4o: by its name in the table of ${PRICES_AS_OF}`,
      '  also gpt-4o-2024-11-20, gpt-4o-2024-08-06',
    ])
  })

  test('the other names of a model are wrapped, without the one that was asked for', async () => {
    const { stdout } = await call(['prices', 'gpt-5.1-chat', 'claude-3-5-sonnet-latest'])
    const [, , , , first, second, , third] = lines(stdout)
    expect(first).toBe(`gpt-5.1-chat: as gpt-5.1, another name of it, in the table of ${PRICES_AS_OF}`)
    expect(second).toBe('  also gpt-5.1-2025-11-13, gpt-5.1-chat-latest, gpt-5.1-codex, gpt-5.1-codex-max')
    expect(third).toBe('  also claude-3-5-sonnet-20241022, claude-3-5-sonnet-20240620')
  })

  test.each([
    ['gpt-4o', `by its name in the table of ${PRICES_AS_OF}`],
    ['openai/gpt-4o-2024-08-06', `as gpt-4o in the table of ${PRICES_AS_OF}`],
    ['gpt-5.6', `as gpt-5.6-sol, another name of it, in the table of ${PRICES_AS_OF}`],
    ['ft:gpt-4o-mini-2024-07-18:o::i', `by the pattern ft:gpt-4o-mini* in the table of ${PRICES_AS_OF}`],
    ['a/b:free', 'as a free variant of OpenRouter'],
  ])('%s is found %s', async (model, how) => {
    const { code, stdout } = await call(['prices', model])
    expect(code).toBe(EXIT.ok)
    const [, row = ''] = lines(stdout)
    expect(row.startsWith(`${model} `)).toBe(true)
    expect(lines(stdout)).toContain(`${model}: ${how}`)
  })

  test('a model without a rate is not found; the known ones are shown all the same', async () => {
    const { code, stdout, stderr } = await call(['prices', 'gpt-4o', 'claude-opus-55'])
    expect(code).toBe(EXIT.notFound)
    expect(lines(stdout).filter((line) => line.startsWith('gpt-4o'))).toHaveLength(2)
    expect(stdout).not.toContain('claude-opus-55')
    expect(stderr).toMatch(/^starling: no price for "claude-opus-55" \(near: claude-opus-5-5, claude-opus-5, /)
    expect(stderr).toContain("give it one in the agent's prices, or its runs count as free")
  })

  test('a model that is like no other has no suggestion, and prints nothing', async () => {
    const { code, stdout, stderr } = await call(['prices', 'my-own-finetune-of-something'])
    expect({ code, stdout }).toEqual({ code: EXIT.notFound, stdout: '' })
    expect(stderr).toContain('no price for "my-own-finetune-of-something"; give it')
  })

  test('--json has the whole table, every part of a rate written out', async () => {
    const [document] = documents((await call(['prices', '--json'])).stdout)
    expect(document).toMatchObject({ as_of: PRICES_AS_OF, unit: 'USD per million tokens' })
    const models: { readonly model: string }[] = document.vendors.flatMap(
      (vendor: { models: unknown[] }) => vendor.models,
    )
    expect(models.map(({ model }) => model)).toEqual(Object.keys(DEFAULT_PRICES))
    expect(models.find(({ model }) => model === 'gpt-4o')).toEqual({
      model: 'gpt-4o',
      input: 2.5,
      output: 10,
      cache_read: 1.25,
      cache_write: 2.5,
      cache_write_long: 2.5,
      reasoning: 10,
      above: null,
      aliases: ['gpt-4o-2024-11-20', 'gpt-4o-2024-08-06'],
    })
    expect(models.find(({ model }) => model === 'claude-opus-5-5')).toMatchObject({
      cache_write: 5,
      cache_write_long: 8,
      aliases: [],
    })
  })

  test('--json tells of each model what was found, and of an unknown one that nothing was', async () => {
    const { code, stdout, stderr } = await call([
      'prices',
      'models/gemini-2.5-pro',
      'nothing-like-it',
      'a/b:free',
      '--json',
    ])
    expect(code).toBe(EXIT.notFound)
    expect(documents(stderr)[0].error.code).toBe('CLI_MODEL_NOT_FOUND')
    expect(documents(stdout)[0].models).toEqual([
      {
        model: 'models/gemini-2.5-pro',
        key: 'gemini-2.5-pro',
        rule: 'plain',
        origin: 'built-in',
        rate: {
          input: 1.25,
          output: 10,
          cache_read: 0.125,
          cache_write: 1.25,
          cache_write_long: 1.25,
          reasoning: 10,
          above: {
            prompt_tokens: 200_000,
            input: 2.5,
            output: 15,
            cache_read: 0.25,
            cache_write: 2.5,
            cache_write_long: 2.5,
            reasoning: 15,
          },
        },
        aliases: ['gemini-2.5-pro-preview-06-05', 'gemini-2.5-pro-preview-05-06'],
      },
      { model: 'nothing-like-it', key: null, rule: null, origin: null, rate: null, aliases: [] },
      {
        model: 'a/b:free',
        key: 'a/b:free',
        rule: 'free',
        origin: null,
        rate: { input: 0, output: 0, cache_read: 0, cache_write: 0, cache_write_long: 0, reasoning: 0, above: null },
        aliases: [],
      },
    ])
  })

  test('an empty name is a mistake', async () => {
    const { code, stderr } = await call(['prices', ''])
    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('the name of a model is empty')
  })

  test('what a name holds cannot steer the terminal', async () => {
    const { stdout } = await call(['prices', 'a/\u001B[31mb:free'])
    expect(stdout).not.toContain('\u001B')
  })
})

function agentModule(providerId: string, settings: object): string {
  const provider = `{ info: { id: '${providerId}', apiVersion: '1' }, capabilities: {}, stream: async function* () {} }`
  return `export const agent = { provider: ${provider}, ...${JSON.stringify({ model: 'mine', ...settings })} }\n`
}

describe('prices --agent', () => {
  let directory = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'starling-prices-'))
    const prices = {
      mine: { input: 1, output: 2, reasoning: 3 },
      'gpt-4o': { input: 9, output: 9 },
      'gpt-4.1-2025-04-14': { input: 8, output: 8 },
    }
    await writeFile(join(directory, 'agent.mjs'), agentModule('x', { prices }))
    await writeFile(join(directory, 'groq.mjs'), agentModule('groq', {}))
    await writeFile(join(directory, 'local.mjs'), agentModule('ollama', {}))
  })
  afterAll(async () => rm(directory, { recursive: true }))

  test("the agent's own rates come first, with a column for reasoning", async () => {
    const { code, stdout } = await call(['prices', '--agent', 'agent.mjs'], { cwd: directory })
    expect(code).toBe(EXIT.ok)
    const all = lines(stdout)
    expect(all[3]).toBe('The agent')
    expect(all[4]).toMatch(/^MODEL +INPUT +OUTPUT +CACHE READ +CACHE WRITE +WRITE 1H +REASONING$/)
    expect(all[5]).toMatch(/^mine +1 +2 +3$/)
    const rates = all.slice(0, all.indexOf('Other names of the models above'))
    expect(rates.filter((line) => line.startsWith('gpt-4o '))).toEqual([expect.stringMatching(/^gpt-4o +9 +9$/)])
  })

  test('a model is looked up among them too', async () => {
    const { stdout } = await call(['prices', '-a', 'agent.mjs', 'mine', 'openai/gpt-4o', 'gpt-4o-mini', '--json'], {
      cwd: directory,
    })
    const { models } = documents(stdout)[0]
    expect(models.map(({ origin }: { origin: string }) => origin)).toEqual(['agent', 'agent', 'built-in'])
    expect(models[1].rate.input).toBe(9)
    const { stdout: text } = await call(['prices', '-a', 'agent.mjs', 'mine'], { cwd: directory })
    expect(text).toContain("by its name in the agent's prices")
  })

  test('what the agent prices apart is no other name of something else', async () => {
    const [document] = documents((await call(['prices', '-a', 'agent.mjs', '--json'], { cwd: directory })).stdout)
    const models: { readonly model: string; readonly aliases: readonly string[] }[] = document.vendors.flatMap(
      (vendor: { models: unknown[] }) => vendor.models,
    )
    expect(models.find(({ model }) => model === 'gpt-4.1')?.aliases).toEqual([])
    expect(models.find(({ model }) => model === 'gpt-4o')?.aliases).toContain('gpt-4o-2024-08-06')
  })

  test('a model costs what it does at the provider of the agent', async () => {
    const model = 'openai/gpt-oss-120b'
    const atGroq = await call(['prices', '-a', 'groq.mjs', model], { cwd: directory })
    expect(lines(atGroq.stdout)[1]).toMatch(/^openai\/gpt-oss-120b +0\.15 +0\.6 +0\.075$/)
    expect(atGroq.stdout).toContain(`${model}: as groq:openai/gpt-oss-120b in the table of ${PRICES_AS_OF}`)
    const anywhere = await call(['prices', model], { cwd: directory })
    expect(anywhere.stdout).toContain(`${model}: by its name in the table of ${PRICES_AS_OF}`)
    const local = await call(['prices', '-a', 'local.mjs', model], { cwd: directory })
    expect(local).toMatchObject({ code: EXIT.notFound, stdout: '' })
  })
})

test('of suggestions the closest comes first, and what is too far is none', () => {
  expect(suggestAll('gpt-5.9', ['o3', 'gpt-4.1', 'gpt-5.4', 'claude-opus-5'])).toEqual(['gpt-5.4', 'gpt-4.1'])
  expect(suggestAll('x'.repeat(100), ['show'])).toEqual([])
})
