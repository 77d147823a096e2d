import { chainOf } from '@starling/eventlog/conformance'
import { beforeAll, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog } from '../src/index.ts'
import { crash, messageOf, startChild } from './child.ts'
import { untilWaitingForLock } from './lock-waits.ts'
import { startProxy } from './proxy.ts'
import { execute, freshSchema, rowsOf, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

const MINUTE = 60_000
const FENCED = { code: 'EVENTLOG_FENCED' }

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

async function open(schema = freshSchema()): Promise<{ log: PostgresEventLog; schema: string }> {
  const log = await openPostgresEventLog({ url: server.url(), schema, poolSize: 4 })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return { log, schema }
}

test('when a lease ends is said by the clock of the server, not of this host', async () => {
  const { log, schema } = await open()
  const lease = await log.leases?.acquire('r', { owner: 'a', ttlMs: MINUTE })
  const [[left] = []] = await rowsOf(
    server.url(),
    `SELECT extract(epoch FROM expires_at - clock_timestamp())::integer FROM ${schema}.starling_leases`,
  )
  expect(left).toBeGreaterThan(50)
  expect(left).toBeLessThanOrEqual(60)
  const [[now] = []] = await rowsOf(server.url(), 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::text')
  expect(lease?.expiresAt).toBeGreaterThan(Number(now))
  expect(lease?.expiresAt).toBeLessThanOrEqual(Number(now) + MINUTE)
})

test('a writer that wakes up late, while it waits for the lock of its run, cannot append any more', async () => {
  const { log: sleeper, schema } = await open()
  const { log: other } = await open(schema)
  const events = chainOf('r', 3)
  // Over at once; it holds until somebody takes it over.
  const old = await sleeper.leases?.acquire('r', { owner: 'a', ttlMs: 1 })
  await sleeper.append('r', events.slice(0, 1), { fence: old })
  await withClient(server.url(), async (client) => {
    await client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('r', 0))")
    // Both wait for the lock, the grant in front of the append.
    const grant = other.leases?.acquire('r', { owner: 'b', ttlMs: MINUTE })
    await waiting(1)
    const late = sleeper.append('r', events.slice(1), { fence: old })
    late.catch(() => undefined)
    await waiting(2)
    await client.query('COMMIT')
    const fence = await grant
    await expect(late).rejects.toMatchObject(FENCED)
    await other.append('r', events.slice(1), { fence })
  })
  expect(await other.read('r')).toEqual(events)
})

test('a grant waits for an append that is under way, so that its new owner sees it', async () => {
  const { log, schema } = await open()
  const { log: other } = await open(schema)
  const [event] = chainOf('r', 1)
  const old = await log.leases?.acquire('r', { owner: 'a', ttlMs: MINUTE })
  await withClient(server.url(), async (client) => {
    await client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('r', 0))")
    const append = log.append('r', event ?? [], { fence: old })
    await waiting(1)
    const grant = other.leases?.acquire('r', { owner: 'b', ttlMs: MINUTE, isOwnerDead: () => true })
    await waiting(2)
    await client.query('COMMIT')
    await append
    await grant
  })
  expect(await other.read('r')).toHaveLength(1)
})

test('an append under an older lease than one that was granted meanwhile is refused, also among others', async () => {
  const { log } = await open()
  const runs = Array.from({ length: 20 }, (_, n) => `r${n}`)
  const leases = await Promise.all(runs.map(async (runId) => log.leases?.acquire(runId, { owner: 'a', ttlMs: MINUTE })))
  for (const runId of ['r3', 'r7']) await log.leases?.acquire(runId, { owner: 'a', ttlMs: MINUTE })
  const outcomes = await Promise.allSettled(
    runs.map((runId, n) => log.append(runId, chainOf(runId, 2), { fence: leases[n] })),
  )
  expect(runs.filter((_, n) => outcomes[n]?.status === 'rejected')).toEqual(['r3', 'r7'])
  expect((await log.listRuns()).totalMatching).toBe(18)
})

test.each([1, 2, 5])('an append of %i events is refused under an older lease, and nothing is written', async (size) => {
  const { log } = await open()
  const old = await log.leases?.acquire('r', { owner: 'a', ttlMs: MINUTE })
  const events = chainOf('r', 1 + size)
  await log.append('r', events.slice(0, 1), { fence: old })
  await log.leases?.acquire('r', { owner: 'a', ttlMs: MINUTE })
  await expect(log.append('r', events.slice(1), { fence: old })).rejects.toMatchObject(FENCED)
  expect(await log.read('r')).toHaveLength(1)
})

test.each([1, 2, 5])(
  '%i events that landed just before a newer lease count, also when the answer was lost',
  async (size) => {
    await using proxy = await startProxy(server.port)
    const { log: other, schema } = await open()
    const url = `postgres://postgres:owner-password@127.0.0.1:${proxy.port}/postgres`
    await using log = await openPostgresEventLog({ url, schema, applicationName: schema, listen: false })
    const fence = await log.leases?.acquire('r', { owner: 'a', ttlMs: MINUTE })
    await withClient(server.url(), async (client) => {
      await client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('r', 0))")
      proxy.cutAt(1, 'answer')
      const appending = log.append('r', chainOf('r', size), { fence })
      await untilWaitingForLock(server.url(), schema)
      // Behind it in the line for the run.
      const granted = other.leases?.acquire('r', { owner: 'a', ttlMs: MINUTE })
      await client.query('ROLLBACK')
      await Promise.all([appending, granted])
    })
    expect(await other.read('r')).toEqual(chainOf('r', size))
  },
)

test('an append of nothing is refused under an older lease, too', async () => {
  const { log } = await open()
  const old = await log.leases?.acquire('r', { owner: 'a', ttlMs: MINUTE })
  await log.append('r', [], { fence: old })
  await log.leases?.acquire('r', { owner: 'a', ttlMs: MINUTE })
  await expect(log.append('r', [], { fence: old })).rejects.toMatchObject(FENCED)
})

test('the lease of a process that died is taken over, and its writes are fenced off', async () => {
  const { log, schema } = await open()
  const child = startChild('hold-lease', server.url(), schema, 'r')
  const held = (await messageOf(child)) as { readonly token: number }
  const ask = { owner: 'me', ttlMs: MINUTE, isOwnerDead: (owner: string) => !isAlive(owner) }
  await expect(log.leases?.acquire('r', ask)).rejects.toMatchObject({ code: 'EVENTLOG_LEASED' })
  await crash(child)
  const lease = await log.leases?.acquire('r', ask)
  expect(lease).toMatchObject({ owner: 'me', token: held.token + 1 })
  const late = log.append('r', chainOf('r', 1), { fence: { runId: 'r', token: held.token } })
  await expect(late).rejects.toMatchObject(FENCED)
  expect(await log.read('r')).toEqual([])
})

test('deleting all leases loses nothing but who holds what', async () => {
  const { log, schema } = await open()
  const fence = await log.leases?.acquire('r', { owner: 'a', ttlMs: MINUTE })
  await execute(server.url(), `DELETE FROM ${schema}.starling_leases`)
  await log.append('r', chainOf('r', 1), { fence })
  expect(await log.leases?.current('r')).toBeUndefined()
  expect(await log.leases?.acquire('r', { owner: 'b', ttlMs: MINUTE })).toMatchObject({ owner: 'b', token: 1 })
})

/** Resolves when so many sessions wait for an advisory lock. */
async function waiting(count: number): Promise<void> {
  for (;;) {
    const [[found] = []] = await rowsOf(
      server.url(),
      "SELECT count(*)::integer FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
    )
    if (found === count) return
  }
}

/** Whether the process that an owner names is there. */
function isAlive(owner: string): boolean {
  try {
    return process.kill(Number(owner.replace('process ', '')), 0)
  } catch {
    return false
  }
}
