import { expect } from 'vitest'

import { collectAnswer } from './collect-answer.ts'
import { frozen, type ProviderCheck } from './provider-check.ts'
import type { OpenedScenario, ProviderHarness, ReceivedRequest } from './provider-harness.ts'
import { REQUESTS, type RequestName } from './requests.ts'

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
      expectMarkers(received, ['4321', '0.25'])
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
      const markers = ['marker-goal', 'marker-argument', 'marker-result', 'marker-error', 'marker-further']
      const places = markers.map((marker) => text.indexOf(marker))
      expect(places, 'each one after the other').toEqual(places.toSorted((a, b) => a - b))
      for (const marker of [...markers, 'call-marker-1', 'call-marker-2']) expect(text).toContain(marker)
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
]

async function send(name: RequestName, opened: OpenedScenario, harness: ProviderHarness): Promise<ReceivedRequest> {
  // Frozen: a provider that changes its request fails here.
  await collectAnswer(opened.provider.stream(frozen(REQUESTS[name])))
  const [received] = opened.requests()
  if (received === undefined) throw new RangeError('no request reached the vendor')
  harness.onRequest?.(name, received)
  return received
}

function expectMarkers(received: ReceivedRequest, markers: readonly string[]): void {
  for (const marker of markers) expect(textOf(received)).toContain(marker)
}

/** Vendors put a part of the request into the address, such as the model. */
function textOf(received: ReceivedRequest): string {
  return `${received.url}\n${JSON.stringify(received.body)}`
}
