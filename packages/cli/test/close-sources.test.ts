import type { ToolSource } from '@starling/tool'
import { expect, test } from 'vitest'
import { withSources } from '../src/agent/close-sources.ts'
import { createPrinter } from '../src/output/printer.ts'

function source(name: string, close: () => Promise<void>): ToolSource {
  return { name, list: async () => ({ tools: [], recorded: '' }), restore: () => [], close }
}

/** Works with sources; what it came to, and what was said on stderr. */
async function work<T>(toolSources: readonly ToolSource[], job: () => Promise<T>, graceMs?: number) {
  const said: string[] = []
  const quiet = { isTTY: false, write: (text: string) => void said.push(text) }
  const out = createPrinter({ stdout: quiet, env: {} }, false)
  const settled = await Promise.allSettled([withSources({ toolSources }, { io: { stderr: quiet }, out, graceMs }, job)])
  return { settled: settled[0], said }
}

test('sources are closed once the work is done, and once it has failed', async () => {
  const steps: string[] = []
  const closing = source('a', async () => void steps.push('closed'))
  const done = await work([closing], async () => steps.push('worked'))
  const failure = new Error('no')
  const failed = await work([closing], async () => Promise.reject(failure))
  expect(steps).toEqual(['worked', 'closed', 'closed'])
  expect(done.settled).toMatchObject({ status: 'fulfilled', value: 1 })
  expect(failed.settled).toEqual({ status: 'rejected', reason: failure })
})

test('one that cannot be closed is named, keeps no other from it and hides no result', async () => {
  const steps: string[] = []
  const throwing = source('b', () => {
    throw new Error('no such process')
  })
  const { settled, said } = await work([throwing, source('c', async () => void steps.push('closed'))], async () => 7)
  expect(settled).toMatchObject({ status: 'fulfilled', value: 7 })
  expect(steps).toEqual(['closed'])
  expect(said).toEqual(['starling: tool source "b": no such process\n'])
})

test('one that hangs is not waited for without an end', async () => {
  const hanging = source('d', async () => new Promise(() => {}))
  const { settled, said } = await work([hanging], async () => 7, 10)
  expect(settled).toMatchObject({ status: 'fulfilled', value: 7 })
  expect(said).toEqual(['starling: tool source "d": does not close within 10 ms\n'])
})
