import pg from 'pg'
import { expect, test } from 'vitest'

import { connect } from '../src/connect-options.ts'
import type { ConnectOptions } from '../src/connect-options.ts'

test.each<[string, ConnectOptions, string, string | null]>([
  ['a URL', { url: 'postgres://user:secret@db.example:6432/runs' }, 'db.example:6432/runs', 'secret'],
  ['a URL without a port', { url: 'postgresql://user:s%40cret@db.example/runs' }, 'db.example:5432/runs', 's@cret'],
  [
    'options of the driver',
    { connection: { host: 'h', port: 1, database: 'd', user: 'u', password: 'p' } },
    'h:1/d',
    'p',
  ],
  ['a socket', { connection: { host: '/run/postgresql', database: 'd', user: 'u' } }, '/run/postgresql:5432/d', null],
  [
    'a pool',
    { pool: new pg.Pool({ host: 'pool.example', database: 'd', user: 'u', password: 'q' }) },
    'pool.example:5432/d',
    'q',
  ],
])('%s says where the database is, and what must not be shown', (...[, options, label, secret]) => {
  const { target } = connect(options)
  expect(target.label).toBe(label)
  expect(target.secret ?? null).toBe(secret)
  expect(target.ownsPool).toBe(options.pool === undefined)
})

test('a pool of ours is as large, patient and named as asked for', () => {
  const url = 'postgres://user@localhost/runs'
  const ca = 'an authority'
  const { pool } = connect({ url, poolSize: 3, connectTimeoutMs: 7, applicationName: 'mine', ssl: { ca } })
  expect(pool.options).toMatchObject({
    max: 3,
    connectionTimeoutMillis: 7,
    application_name: 'mine',
    ssl: { ca },
    connectionString: url,
  })
  expect(connect({ url }).pool.options).toMatchObject({
    max: 10,
    connectionTimeoutMillis: 10_000,
    application_name: 'starling',
  })
  const named = connect({ connection: { host: 'h', application_name: 'theirs' } })
  expect(named.pool.options).toMatchObject({ application_name: 'theirs' })
})

test('exactly one way to the database has to be given', () => {
  const pool = new pg.Pool()
  for (const options of [{}, { url: 'postgres://h/d', connection: {} }, { pool, connection: {} }]) {
    expect(() => connect(options)).toThrow(/expected one of url, connection and pool, got [02] of them/)
  }
})

test('a URL that is none is refused without being shown', () => {
  for (const url of [
    'postgres://u:hidden@h:x:y/d',
    'postgres://u:hidden@h/d?sslrootcert=/nowhere/ca.pem',
    'u:hidden@h/d',
    'postgres:u:hidden@h/d',
  ]) {
    expect(() => connect({ url })).toThrow(/^eventlog\/postgres: cannot open the database: its URL is none/)
    expect(() => connect({ url })).not.toThrow(/hidden/)
  }
})

test.each([
  ['a slash', 'postgres://user:12/hid@den@h/d'],
  ['a slash behind an @', 'postgres://user:hid@den/x@h/d'],
  ['a question mark', 'postgres://user:12?hidden@h/d'],
  ['a question mark and a sign of equality', 'postgres://user:12?hid=den@h/d'],
  ['a hash', 'postgres://user:12#hidden@h/d'],
])('a password with %s that is not escaped is refused without showing a part of it', (_, url) => {
  expect(() => connect({ url })).toThrow(
    /^eventlog\/postgres: cannot open the database: its URL has an @ behind the host: write \/ \? # @ in a password as %2F %3F %23 %40$/,
  )
})

test('a user with an @ may be named in the parameters of a URL', () => {
  const { target } = connect({ url: 'postgres://db.example/runs?user=me@tenant&application_name=a@b' })
  expect(target.label).toBe('db.example:5432/runs')
})

test('a certificate that is to be checked without an authority is said to need one', () => {
  const url = 'postgres://user@h/d?sslmode=verify-ca&uselibpqcompat=true'
  expect(() => connect({ url })).toThrow(/the database: sslmode=verify-ca needs sslrootcert, the file of an authority$/)
})

test('a pool of someone else keeps its own limits, and gets ours where it has none', () => {
  const wait = { connectTimeoutMs: 7 }
  const patient = connect({ pool: new pg.Pool({ host: 'h', password: 'p' }), ...wait }).target
  expect(patient).toMatchObject({ waitMs: 7, hasQueryTimeout: false })
  expect(patient.config).toMatchObject({ connectionTimeoutMillis: 7, password: 'p' })
  const limited = connect({ pool: new pg.Pool({ connectionTimeoutMillis: 9, query_timeout: 5 }), ...wait }).target
  expect(limited).toMatchObject({ waitMs: undefined, hasQueryTimeout: true, config: { connectionTimeoutMillis: 9 } })
})
