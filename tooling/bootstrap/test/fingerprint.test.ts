import { expect, test } from 'vitest'
import { fingerprintInstall, fingerprintSources, hasOutputs } from '../src/fingerprint.mjs'
import { createCheckout } from './support/checkout.ts'

test.each(['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'packages/event/package.json'])(
  'a change of %s changes what has to be installed',
  (path) => {
    using checkout = createCheckout()
    const before = fingerprintInstall(checkout.root)
    checkout.write(path, `${checkout.read(path)} `)
    expect(fingerprintInstall(checkout.root)).not.toBe(before)
  },
)

test('a new package changes what has to be installed', () => {
  using checkout = createCheckout()
  const before = fingerprintInstall(checkout.root)
  checkout.write('tooling/extra/package.json', '{"name":"extra"}')
  expect(fingerprintInstall(checkout.root)).not.toBe(before)
})

test('a source changes what has to be built and not what has to be installed', () => {
  using checkout = createCheckout()
  const before = [fingerprintInstall(checkout.root), fingerprintSources(checkout.root)]
  checkout.write('packages/event/src/deep/er.ts', 'export {}')
  expect(fingerprintInstall(checkout.root)).toBe(before[0])
  expect(fingerprintSources(checkout.root)).not.toBe(before[1])
})

test('a checkout that moved installs again', () => {
  using checkout = createCheckout()
  using moved = createCheckout()
  expect(fingerprintInstall(moved.root)).not.toBe(fingerprintInstall(checkout.root))
})

test.each([
  'test/index.test.ts',
  'dist/index.js',
  'node_modules/zod/index.js',
  'bench/append.bench.ts',
  '.turbo/build.log',
])('packages/event/%s is not part of what is built', (path) => {
  using checkout = createCheckout()
  const before = fingerprintSources(checkout.root)
  checkout.write(`packages/event/${path}`, 'changed')
  expect(fingerprintSources(checkout.root)).toBe(before)
})

test.each(['tsconfig.base.json', 'turbo.json', 'packages/event/tsconfig.json'])(
  '%s is part of what is built',
  (path) => {
    using checkout = createCheckout()
    const before = fingerprintSources(checkout.root)
    checkout.write(path, '{"changed":true}')
    expect(fingerprintSources(checkout.root)).not.toBe(before)
  },
)

test('the outputs are there when every package with a build step has them', () => {
  using checkout = createCheckout()
  checkout.write('packages/plain/package.json', '{"name":"plain"}')
  expect(hasOutputs(checkout.root)).toBe(false)
  checkout.write('packages/event/dist/index.js', '')
  expect(hasOutputs(checkout.root)).toBe(true)
})
