import { expect, test } from 'vitest'

import { createScenarioFetch, SCENARIO_NAMES, type ScenarioFetch, type ScenarioName } from '../src/conformance/index.ts'
import { scenarioNamed } from '../src/conformance/scenarios.ts'
import { LINE_CODEC } from './line-provider.ts'

const URL = 'http://vendor.test/v1/messages'

test('a request is received with its address, its headers and its body', async () => {
  const vendor = open('text')
  await call(vendor, { headers: { 'X-Key': 'k' }, body: '{"a":[1]}' })
  expect(vendor.requests()).toMatchObject([{ url: URL, headers: { 'x-key': 'k' }, body: { a: [1] } }])
})

test('a body that is not JSON is received as text', async () => {
  const vendor = open('text')
  await call(vendor, { body: 'plain' })
  expect(vendor.requests()).toMatchObject([{ body: 'plain' }])
})

test('a connection is open until its body is read', async () => {
  const vendor = open('text')
  const response = await call(vendor)
  expect(vendor.openConnections()).toBe(1)
  expect(await response.text()).toMatch(/^\{"say":"Hel"\}\n[^]*\{"done":true\}\n$/)
  expect(vendor.openConnections()).toBe(0)
})

test('a connection is open until its body is cancelled, also that of a failure', async () => {
  const vendor = open('status-401')
  const response = await call(vendor)
  expect(response.status).toBe(401)
  expect(vendor.openConnections()).toBe(1)
  await response.body?.cancel()
  expect(vendor.openConnections()).toBe(0)
})

test('the answers come in the order of the calls and the last one repeats', async () => {
  const vendor = open('failure-then-text')
  const statuses: number[] = []
  for (let index = 0; index < 3; index++) {
    const response = await call(vendor)
    statuses.push(response.status)
    await response.text()
  }
  expect(statuses).toEqual([500, 200, 200])
})

test('an answer in bytes has one byte in each read', async () => {
  const response = await call(open('text-in-bytes'))
  const sizes = new Set<number>()
  for await (const bytes of response.body ?? []) sizes.add(bytes.length)
  expect([...sizes]).toEqual([1])
})

test('a vendor that cannot be reached fails as fetch does', async () => {
  const vendor = open('unreachable')
  await expect(call(vendor)).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } })
  expect([vendor.requests().length, vendor.openConnections()]).toEqual([0, 0])
})

test('a connection that breaks fails as fetch does', async () => {
  const vendor = open('disconnect')
  const response = await call(vendor)
  await expect(response.text()).rejects.toMatchObject({ message: 'terminated', cause: { code: 'UND_ERR_SOCKET' } })
  expect(vendor.openConnections()).toBe(0)
})

test('an abort rejects with an error of its own, before the answer and within it', async () => {
  const before = open('silence-before-answer')
  const controller = new AbortController()
  const answer = call(before, { signal: controller.signal })
  controller.abort(new Error('the reason'))
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
  expect(before.openConnections()).toBe(0)

  const within = open('silence-in-answer')
  const other = new AbortController()
  const response = await call(within, { signal: other.signal })
  other.abort(new Error('the reason'))
  await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' })
  expect(within.openConnections()).toBe(0)
})

test('a call that is aborted already never arrives', async () => {
  const vendor = open('text')
  await expect(call(vendor, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  expect(vendor.requests()).toEqual([])
})

test('the parts of a reply that come tell its endings apart', async () => {
  expect(await textOf('cut')).not.toContain('stop')
  expect(await textOf('unterminated')).toMatch(/\{"stop":"stop"\}\n$/)
  expect(await textOf('error-in-stream')).toMatch(/\{"error":"the engine is overloaded"\}\n$/)
  expect(await textOf('garbage')).toMatch(/\{"say": \n$/)
})

test('every scenario has an answer', () => {
  expect(SCENARIO_NAMES.filter((name) => scenarioNamed(name).answers.length === 0)).toEqual([])
})

function open(name: ScenarioName): ScenarioFetch {
  return createScenarioFetch(scenarioNamed(name), LINE_CODEC)
}

async function call(vendor: ScenarioFetch, init: RequestInit = {}): Promise<Response> {
  return vendor.fetch(URL, { method: 'POST', body: '{}', ...init })
}

async function textOf(name: ScenarioName): Promise<string> {
  return (await call(open(name))).text()
}
