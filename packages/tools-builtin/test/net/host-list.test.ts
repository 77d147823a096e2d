import { expect, test } from 'vitest'

import { hostOf, parseHostList } from '../../src/net/host-list.ts'

test.for([
  ['example.com', 'example.com', true],
  ['example.com', 'www.example.com', false],
  ['*.example.com', 'www.example.com', true],
  ['*.example.com', 'a.b.example.com', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', 'badexample.com', false],
  ['EXAMPLE.com.', 'example.com', true],
  ['bücher.example', 'xn--bcher-kva.example', true],
  ['*.bücher.example', 'a.xn--bcher-kva.example', true],
  ['localhost', 'localhost', true],
  ['10.0.0.0/8', '10.0.0.1', false],
] as const)('%s has the name %s: %j', ([entry, host, expected]) => {
  const list = parseHostList([entry])
  expect('hasName' in list && list.hasName(host)).toBe(expected)
})

test.for(['10.0.0.0/8', '127.0.0.1', '::1', '[::1]', 'fd00::/8', '2001:db8::1'])('%s is addresses', (entry) => {
  const list = parseHostList([entry])
  expect('ranges' in list && list.ranges).toHaveLength(1)
})

test.for([
  '',
  '*',
  '*.',
  '.',
  '.example.com',
  'a..b',
  'http://example.com',
  'example.com/path',
  'example.com:8080',
  'user@example.com',
  'a b',
  'a*b.com',
  'www.*.com',
  '10.0.0.0/40',
  '10.0.0',
  '0x7f.1',
  '2130706433',
  '1.2.3.4.5',
  '[::1',
])('%j is neither', (entry) => {
  expect(parseHostList(['example.com', entry])).toEqual({ invalid: entry })
})

test.for([
  ['http://Example.COM./', 'example.com'],
  ['http://[::1]/', '::1'],
  ['http://127.1/', '127.0.0.1'],
  ['http://a..b/', undefined],
  ['http://a.b../', undefined],
] as const)('the host of %s is %s', ([url, expected]) => {
  expect(hostOf(new URL(url))).toBe(expected)
})
