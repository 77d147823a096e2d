import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'

import { expect, test } from 'vitest'

import { createMcpSource, type McpSource } from '../src/index.ts'
import { watchOver } from '../src/watch-over.ts'
import { call, listTools } from './call.ts'
import { rawServer } from './servers/raw.ts'

test('a group whose watch is called off lives on, and nobody watches any more', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
  const { pid = 0 } = child
  const release = watchOver(pid)
  await expect.poll(() => watchersOf(pid), { timeout: 10_000 }).toBe(1)
  release()
  await expect.poll(() => watchersOf(pid), { timeout: 10_000 }).toBe(0)
  expect([child.exitCode, child.signalCode]).toEqual([null, null])
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
})

test.for<readonly [string, (source: McpSource) => Promise<unknown>]>([
  ['is closed', async (source) => source.close()],
  ['dies', async (source) => call(await listTools(source), 'die').catch(() => undefined)],
])('a server that %s is watched no longer', async ([, end]) => {
  const before = watchers()
  await using source = createMcpSource({ name: 'raw', transport: rawServer({ names: ['die'] }) })
  await source.list({})
  const watcher = watchers().find((one) => !before.includes(one))
  expect(watcher).toMatch(/^\d+$/)
  await end(source)
  await expect.poll(() => watchers().includes(watcher ?? ''), { timeout: 10_000 }).toBe(false)
})

function watchersOf(pid: number): number {
  return watchers().filter((group) => group === String(pid)).length
}

/** The groups that are watched, by whomever. */
function watchers(): readonly string[] {
  const listed = execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' })
  return [...listed.matchAll(/read -r word[\s\S]*?\bdone (\d+)\b/g)].map(([, group = '']) => group)
}
