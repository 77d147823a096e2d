import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ensurePgBouncer, findPgBouncer } from '../src/pgbouncer.mjs'
import { createCheckout } from './support/checkout.ts'

const nothing = { isThere: () => false }

test('the PgBouncer named by STARLING_PGBOUNCER is taken at its word', () => {
  expect(findPgBouncer({ STARLING_PGBOUNCER: '/opt/my pgbouncer', PATH: '/bin' }, nothing)).toBe('/opt/my pgbouncer')
  expect(findPgBouncer({ STARLING_PGBOUNCER: '', PATH: '/bin' }, nothing)).toBeUndefined()
})

test.each(['/usr/sbin/pgbouncer', '/opt/homebrew/bin/pgbouncer'])('%s is found, which is not on the path', (path) => {
  expect(findPgBouncer({ PATH: '/tools' }, { isThere: (candidate) => candidate === path })).toBe(path)
})

test('one on the path comes first, if it can be run', () => {
  using checkout = createCheckout()
  const path = join(checkout.root, 'bin', 'pgbouncer')
  checkout.write('bin/pgbouncer', '')
  chmodSync(path, 0o644)
  expect(findPgBouncer({ PATH: join(checkout.root, 'bin') })).not.toBe(path)
  chmodSync(path, 0o755)
  expect(findPgBouncer({ PATH: join(checkout.root, 'bin') })).toBe(path)
})

test('one that is there is not installed, and nobody hears of it', async () => {
  using checkout = createCheckout()
  const said: string[] = []
  const context = {
    root: checkout.root,
    logFile: join(checkout.root, 'pgbouncer.log'),
    say: (line: string) => said.push(line),
    environment: { STARLING_PGBOUNCER: '/opt/pgbouncer' },
  }
  expect(await ensurePgBouncer(context)).toBe('/opt/pgbouncer')
  expect(said).toEqual([])
})
