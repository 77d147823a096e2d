import { expect, test } from 'vitest'
import { call, lines } from './support/call.ts'
import { helloRun } from './support/events.ts'
import { DONE, follow } from './support/follow.ts'
import { createMemoryStore } from './support/memory-store.ts'

test('what is wrong with arguments stands on one line while the run goes, and on a line each when it is shown', async () => {
  const store = createMemoryStore()
  await store.add('x.db', helloRun('ended'))
  const turn = { toolCalls: [{ id: 'c1', name: 'add', arguments: { a: 'x' } }] }
  const live = await follow([turn, DONE], { log: store.log('x.db'), isTTY: true, env: { NO_COLOR: '1' } })
  expect(lines(live.stdout)[1]).toMatch(/^ {2}✗ add invalid input for tool add: - /)
  expect(live.stdout).not.toContain('\\n')
  const { stdout } = await call(['show', 'x.db', 'r'], { store })
  expect(stdout).toMatch(/\n {2}✗ invalid input for tool add:\n {4}- .*\n {4}- /)
  expect(stdout).not.toContain('\\n')
})
