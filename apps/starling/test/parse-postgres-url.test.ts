import { describe, expect, test } from 'vitest'
import { parsePostgresUrl } from '../src/parse-postgres-url.ts'
import { createPostgresStore } from '../src/postgres-store.ts'

describe('the URL of a log', () => {
  test.each([
    ['postgres://ada@h/d', 'postgres://ada@h/d', 'public'],
    ['postgres://ada@h/d?schema=agents', 'postgres://ada@h/d', 'agents'],
    ['postgres://ada@h/d?schema=a%20b&application_name=x', 'postgres://ada@h/d?application_name=x', 'a b'],
    ['postgres://ada@h/d?schema=', 'postgres://ada@h/d', ''],
    ['postgres:///d?host=/run/postgresql', 'postgres:///d?host=%2Frun%2Fpostgresql', 'public'],
    ['postgres://h/d?options=-c%20work_mem=8MB', 'postgres://h/d?options=-c%20work_mem%3D8MB', 'public'],
    ['postgres://ada:1%2B1@h/d?x=1', 'postgres://ada:1%2B1@h/d?x=1', 'public'],
  ])('%s names the schema', (target, url, schema) => {
    expect(parsePostgresUrl(target)).toEqual({ url, schema })
  })

  test.each([
    ['postgres://ada:…@h/d', 'postgres://ada@h/d'],
    ['postgres://ada@h/d?password=…&x=1', 'postgres://ada@h/d?x=1'],
  ])('%s has no password: it was hidden', (target, url) => {
    expect(parsePostgresUrl(target).url).toBe(url)
  })

  test('takes sslmode as other programs do, unless it says otherwise', () => {
    expect(parsePostgresUrl('postgres://h/d?sslmode=require').url).toBe(
      'postgres://h/d?sslmode=require&uselibpqcompat=true',
    )
    expect(parsePostgresUrl('postgres://h/d?sslmode=require&uselibpqcompat=false').url).toBe(
      'postgres://h/d?sslmode=require&uselibpqcompat=false',
    )
  })
})

describe('the store of logs in Postgres', () => {
  test('names a log without its password, and the same log by that name', () => {
    const store = createPostgresStore()
    const name = store.nameOf('postgres://ada:sesame@h/d')
    expect(name).toBe('postgres://ada:…@h/d')
    expect(store.nameOf(name)).toBe(name)
    expect(store.kindOf(name)).toEqual({ backend: 'postgres', latestSchemaVersion: 1 })
  })

  test('finds the password of a name, also when the name was given again', async () => {
    const store = createPostgresStore()
    const name = store.nameOf('postgres://ada:sesame@127.0.0.1:1/d?schema=')
    store.nameOf(name)
    await expect(store.open(name, 'read')).rejects.toMatchObject({
      code: 'EVENTLOG_INVALID_OPTIONS',
      message: expect.stringContaining('expected the name of a schema'),
    })
  })
})
