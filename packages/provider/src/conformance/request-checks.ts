import { expect } from 'vitest'

import { capabilitiesFor } from '../capabilities-for.ts'
import type { ModelRequest, ProviderCapabilities } from '../provider.ts'
import { collectAnswer } from './collect-answer.ts'
import { frozen, type ProviderCheck } from './provider-check.ts'
import type { OpenedScenario, ProviderHarness, ReceivedRequest } from './provider-harness.ts'
import { ATTACHMENT_BYTES, REQUESTS, SEARCH, SETTINGS, type RequestName, type SettingSample } from './requests.ts'

/** What the vendor receives. */
export const REQUEST_CHECKS: readonly ProviderCheck[] = [
  {
    title: 'the model and the goal reach the vendor',
    scenario: 'text',
    async run(opened, harness) {
      expectMarkers(await send('minimal', opened, harness), ['marker-model', 'marker-goal'])
    },
  },
  {
    title: 'the system prompt, the tools and the parameters reach the vendor',
    scenario: 'text',
    needs: 'tools',
    async run(opened, harness) {
      const received = await send('full', opened, harness)
      expectMarkers(received, ['marker-system', 'marker-goal', 'search', 'marker-description', 'marker_property'])
      expectMarkers(received, ['0.25'])
    },
  },
  {
    title: 'the stop sequences reach the vendor',
    scenario: 'text',
    needs: 'stopSequences',
    async run(opened, harness) {
      expectMarkers(await send('full', opened, harness), ['marker-stop'])
    },
  },
  {
    title: 'tool calls and their results reach the vendor in order',
    scenario: 'text',
    needs: 'tools',
    async run(opened, harness) {
      const text = textOf(await send('tool-results', opened, harness))
      expectInOrder(text, ['marker-goal', 'marker-argument', 'marker-result', 'marker-error', 'marker-further'])
    },
  },
  {
    title: 'an earlier answer with reasoning reaches the vendor',
    scenario: 'text',
    needs: 'reasoning',
    async run(opened, harness) {
      expectMarkers(await send('reasoning-history', opened, harness), ['marker-goal', 'marker-said', 'call-marker-1'])
    },
  },
  {
    title: 'the results of parallel calls reach the vendor in the order of the calls',
    scenario: 'text',
    needs: 'tools',
    async run(opened, harness) {
      const text = textOf(await send('parallel-results', opened, harness))
      expectInOrder(text, ['marker-goal', 'marker-said', 'marker-result-1', 'marker-result-2'])
    },
  },
  {
    title: 'the parts of an earlier answer reach the vendor in order, none of them twice',
    scenario: 'text',
    needs: 'tools',
    async run(opened, harness) {
      const text = textOf(await send('parts-history', opened, harness))
      expectInOrder(text, ['marker-goal', 'marker-before', 'marker-after', 'marker-argument', 'marker-result'])
      for (const marker of ['marker-before', 'marker-after', 'marker-argument']) {
        expect({ marker, times: text.split(marker).length - 1 }).toEqual({ marker, times: 1 })
      }
    },
  },
  attachmentArrives('image', 'images', 'an image reaches the vendor'),
  attachmentArrives('file', 'files', 'a file reaches the vendor'),
  attachmentArrives('image-in-result', 'toolAttachments', 'an image in a tool result reaches the vendor'),
  ...SETTINGS.map(settingArrivesOrIsRefused),
  {
    title: 'a format beside tools reaches the vendor, or is refused before anything is sent',
    scenario: 'text',
    needs: 'tools',
    async run(opened, harness) {
      for (const model of modelsOf(harness)) {
        const able = capabilitiesFor(opened.provider, model)
        const format = FORMATS.find(({ needs }) => able[needs] === true)
        if (format === undefined || able.tools !== true) continue
        const request = { ...format.request, model, tools: [SEARCH] }
        if (able.formatExcludesTools === true) await expectRefused(request, opened)
        else expect(textOf(await sendRequest(request, opened))).toContain('marker-description')
      }
    },
  },
  {
    title: 'what it can do with a model it can do at all',
    scenario: 'text',
    async run({ provider }, harness) {
      for (const model of modelsOf(harness)) {
        // This one is a limit, not an ability.
        const { formatExcludesTools: _limit, ...able } = capabilitiesFor(provider, model)
        for (const [feature, isAble] of Object.entries(able)) {
          if (isAble) expect({ model, ...provider.capabilities }).toMatchObject({ [feature]: true })
        }
      }
    },
  },
]

const FORMATS: readonly SettingSample[] = SETTINGS.filter(
  ({ needs }) => needs === 'jsonFormat' || needs === 'schemaFormat',
)

/** The model that no vendor has, and those that the harness names. */
function modelsOf({ models = [] }: ProviderHarness): readonly string[] {
  return [REQUESTS.minimal.model, ...models]
}

async function send(name: RequestName, opened: OpenedScenario, harness: ProviderHarness): Promise<ReceivedRequest> {
  const request = REQUESTS[name]
  const able = capabilitiesFor(opened.provider, request.model)
  const received = await sendRequest(within(request, able), opened)
  harness.onRequest?.(name, received)
  return received
}

/** A request without the settings that the provider cannot do: they have checks of their own. */
function within(request: ModelRequest, able: ProviderCapabilities): ModelRequest {
  return {
    ...request,
    ...(able.toolChoice !== true && { toolChoice: undefined }),
    ...(able.stopSequences !== true && { stopSequences: undefined }),
    ...(able.maxOutputTokens !== true && { maxOutputTokens: undefined }),
  }
}

async function sendRequest(request: ModelRequest, opened: OpenedScenario): Promise<ReceivedRequest> {
  // Frozen: a provider that changes its request fails here.
  await collectAnswer(opened.provider.stream(frozen(request)))
  const received = opened.requests().at(-1)
  if (received === undefined) throw new RangeError('no request reached the vendor')
  return received
}

function attachmentArrives(name: RequestName, needs: ProviderCheck['needs'], title: string): ProviderCheck {
  return {
    title,
    scenario: 'text',
    needs,
    async run(opened, harness) {
      const text = textOf(await send(name, opened, harness))
      expect(text).toContain(base64(ATTACHMENT_BYTES))
      expect(text).toContain('marker-goal')
    },
  }
}

function settingArrivesOrIsRefused({ needs, request, without, marker }: SettingSample): ProviderCheck {
  return {
    title: `the setting ${needs} reaches the vendor, or is refused before anything is sent`,
    scenario: 'text',
    async run(opened, harness) {
      for (const model of modelsOf(harness)) {
        if (capabilitiesFor(opened.provider, model)[needs] !== true) {
          await expectRefused({ ...request, model }, opened)
          continue
        }
        const text = textOf(await sendRequest({ ...request, model }, opened))
        expect(text).toContain(marker)
        const plain = textOf(await sendRequest({ ...without, model }, opened))
        expect(plain, `the setting changes the request to ${model}`).not.toBe(text)
      }
    },
  }
}

async function expectRefused(request: ModelRequest, opened: OpenedScenario): Promise<void> {
  const sent = opened.requests().length
  const refused = collectAnswer(opened.provider.stream(frozen(request)))
  await expect(refused, `the request to ${request.model}`).rejects.toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS' })
  expect(opened.requests()).toHaveLength(sent)
}

function expectInOrder(text: string, markers: readonly string[]): void {
  for (const marker of markers) expect(text).toContain(marker)
  const places = markers.map((marker) => text.indexOf(marker))
  expect(places, 'each one after the other').toEqual(places.toSorted((a, b) => a - b))
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCodePoint(...bytes))
}

function expectMarkers(received: ReceivedRequest, markers: readonly string[]): void {
  for (const marker of markers) expect(textOf(received)).toContain(marker)
}

/** Vendors put a part of the request into the address, such as the model. */
function textOf(received: ReceivedRequest): string {
  return `${received.url}\n${JSON.stringify(received.body)}`
}
