import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createScriptedProvider } from '@starling/provider/scripted'
import { createOpenAIProvider } from '@starling/providers-openai'
import { afterEach, expect, test, vi } from 'vitest'
import { createCooldowns, createResilientProvider } from '../src/index.ts'

const PAGES = ['packages/providers-resilient/README.md', 'docs/guides/resilience.md']
const ROOT = join(import.meta.dirname, '..', '..', '..')

afterEach(() => void vi.unstubAllEnvs())

const fallback = createScriptedProvider({ id: 'fallback', turns: [] })

test('the snippet of the package’s page works', () => {
  vi.stubEnv('OPENAI_API_KEYS', 'sk-first,sk-second')
  const keys = (process.env['OPENAI_API_KEYS'] ?? '').split(',')

  const provider = createResilientProvider({
    candidates: [
      { keys, provider: (apiKey) => createOpenAIProvider({ apiKey }) },
      { keys, provider: (apiKey) => createOpenAIProvider({ apiKey }), model: 'gpt-4o-mini' },
      {
        provider: createOpenAIProvider({ baseUrl: 'http://localhost:11434/v1', providerId: 'ollama' }),
        model: 'qwen3',
      },
    ],
  })
  expect(provider.info.id).toBe('openai')
})

test('the snippets of the guide work', () => {
  const openai = (apiKey: string) => createOpenAIProvider({ apiKey })

  const provider = createResilientProvider({
    candidates: [
      { keys: ['sk-first', 'sk-second'], provider: openai },
      { keys: ['sk-first', 'sk-second'], provider: openai, model: 'gpt-4o-mini' },
      {
        provider: createOpenAIProvider({ baseUrl: 'http://localhost:11434/v1', providerId: 'ollama' }),
        model: 'qwen3',
      },
    ],
  })

  createResilientProvider({
    candidates: [{ provider }, { provider: fallback, contextTokens: 1_000_000 }],
    policy: {
      // Another vendor's filter may see it differently.
      PROVIDER_CONTENT_FILTER: { actions: ['fallback'] },
      // Rather wait for the primary than let a smaller model answer.
      PROVIDER_RATE_LIMIT: { actions: ['rotate', 'retry', 'fallback'] },
      // A key that is topped up every minute need not rest for ten.
      PROVIDER_BILLING: { cooldownMs: 60_000 },
    },
  })

  createResilientProvider({
    candidates: [{ provider }],
    attempts: { maxAttempts: 6, maxAttemptsPerCandidate: 2, initialDelayMs: 1000, maxDelayMs: 20_000 },
    timeouts: { firstChunkMs: 60_000, betweenChunksMs: 20_000 },
    breaker: { failureThreshold: 5, openMs: 30_000 },
  })

  createResilientProvider({
    candidates: [
      { provider },
      { provider: fallback, model: 'other', settings: { params: undefined, seed: undefined } },
    ],
  })

  const other = { provider: fallback, model: 'mistral-large-latest', settings: { reasoningEffort: 'high' } } as const

  const guarded = createResilientProvider({ candidates: [{ provider }, other] })
  const rehearsal = createResilientProvider({ candidates: [other] })

  expect([provider, guarded, rehearsal].map(({ info }) => info.id)).toEqual(['openai', 'openai', 'fallback'])
})

test('the cooldowns of the guide can be looked at', () => {
  const provider = fallback
  const console = { log: (...shown: readonly unknown[]) => expect(shown).toEqual([]) }
  const cooldowns = createCooldowns()
  const shared = createResilientProvider({ candidates: [{ provider }], cooldowns })

  for (const { providerId, account, model, holds, circuit } of cooldowns.status()) {
    console.log(providerId, account, model, circuit, holds)
  }
  // After the account was topped up, or the status page turned green:
  cooldowns.clear()
  expect(shared.info.id).toBe('fallback')
})

test.each(PAGES)('every snippet of %s is one that works', (page) => {
  const own = plain(readFileSync(import.meta.filename, 'utf8'))
  const blocks = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/```ts\n(.*?)```/gs)]
  expect(blocks).not.toEqual([])
  for (const [, block = ''] of blocks) expect(own).toContain(plain(block))
})

/** The statements of a snippet, however they are indented and broken into lines, without its imports. */
function plain(code: string): string {
  return code
    .replaceAll(/^import .*$/gm, '')
    .replaceAll(/^export /gm, '')
    .replaceAll(/,(?=\s*[}\])])/g, '')
    .replaceAll(/\s+/g, '')
}
