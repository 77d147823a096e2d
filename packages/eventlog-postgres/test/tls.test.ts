import { readFileSync } from 'node:fs'

import { chainOf } from '@starling/eventlog/conformance'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { freshSchema, rowsOf, startServer } from './server.ts'
import type { TestServer } from './server.ts'

const ca = readFileSync(new URL('fixtures/tls/ca.pem', import.meta.url), 'utf8')

let server: TestServer

beforeAll(async () => {
  server = await startServer({ tls: true, settings: ['ssl=on'] })
}, 30_000)

afterAll(async () => {
  await server.stop()
})

const urlAt = (host: string): string => server.url().replace('127.0.0.1', host)

test('a log is reached over TLS, whose certificate is checked', async () => {
  const applicationName = freshSchema()
  await using log = await openPostgresEventLog({ url: urlAt('localhost'), ssl: { ca }, applicationName })
  await log.append('r', chainOf('r', 2))
  const rows = await rowsOf(
    server.url(),
    'SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = $1',
    [applicationName],
  )
  expect(rows).toEqual([[true]])
})

test('a URL may ask for it, too', async () => {
  const path = new URL('fixtures/tls/ca.pem', import.meta.url).pathname
  const url = `${urlAt('localhost')}?sslmode=verify-full&sslrootcert=${path}`
  await using log = await openPostgresEventLog({ url, schema: freshSchema() })
  await log.append('r', chainOf('r', 2))
  expect(await log.read('r')).toHaveLength(2)
})

test.each([
  [
    'an authority that nobody knows',
    'localhost',
    true,
    /encrypted as asked for: the server's certificate is of an unknown authority, whose own goes in ssl, .* \([A-Z_]+: .*\)$/,
  ],
  [
    'a certificate for another host',
    '127.0.0.1',
    { ca, servername: 'elsewhere' },
    /encrypted as asked for \(ERR_.*\)$/,
  ],
])('%s is refused in one line', async (...[, host, ssl, message]) => {
  await expect(openPostgresEventLog({ url: urlAt(host), ssl })).rejects.toMatchObject({
    code: 'EVENTLOG_OPEN_FAILED',
    message: expect.stringMatching(message),
  })
})
