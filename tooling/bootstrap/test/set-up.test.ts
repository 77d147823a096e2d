import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { setUp } from '../src/set-up.mjs'
import { createCheckout, createFakeNpm, setUpQuietly } from './support/checkout.ts'

const INSTALL = 'pnpm install --frozen-lockfile --reporter=append-only'
const BUILD = 'turbo run build'

test('the first set-up installs and builds, the second does nothing and says nothing', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  const said = await setUpQuietly(checkout, npm)
  expect(said).toHaveLength(4)
  expect(await setUpQuietly(checkout, npm)).toEqual([])
  expect(npm.calls()).toEqual([INSTALL, BUILD])
})

test('a changed manifest installs again', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  await setUpQuietly(checkout, npm)
  checkout.write('packages/event/package.json', '{"name":"event","version":"2.0.0","scripts":{"build":"tsc"}}')
  await setUpQuietly(checkout, npm)
  expect(npm.calls()).toEqual([INSTALL, BUILD, INSTALL, BUILD])
})

test('a changed source builds again without installing', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  await setUpQuietly(checkout, npm)
  checkout.write('packages/event/src/index.ts', 'export const changed = true')
  await setUpQuietly(checkout, npm)
  expect(npm.calls()).toEqual([INSTALL, BUILD, BUILD])
})

test('a deleted build is built again', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  await setUpQuietly(checkout, npm)
  rmSync(join(checkout.root, 'packages', 'event', 'dist'), { recursive: true })
  await setUpQuietly(checkout, npm)
  expect(npm.calls()).toEqual([INSTALL, BUILD, BUILD])
})

test('deleted node_modules are installed again', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  await setUpQuietly(checkout, npm)
  rmSync(join(checkout.root, 'node_modules'), { recursive: true })
  await setUpQuietly(checkout, npm)
  expect(npm.calls()).toEqual([INSTALL, BUILD, INSTALL, BUILD])
})

test('an install that the registry failed once is tried once more', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  npm.failInstalls(['npm error reason: connect ECONNREFUSED 127.0.0.1:9'])
  const said = await setUpQuietly(checkout, npm)
  expect(said).toContain('  the install failed (npm error reason: connect ECONNREFUSED 127.0.0.1:9): once more')
  expect(npm.calls()).toEqual([INSTALL, INSTALL, BUILD])
})

test('an install that fails twice ends with one line that names the reason and the log', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  npm.failInstalls(['first', 'npm error reason: getaddrinfo ENOTFOUND registry.npmjs.org'])
  const log = join(checkout.root, '.starling', 'set-up.log')
  await expect(setUpQuietly(checkout, npm)).rejects.toThrow(
    `the install failed: npm error reason: getaddrinfo ENOTFOUND registry.npmjs.org · full log: ${log}`,
  )
  expect(checkout.read('.starling/set-up.log')).toContain('first')
})

test('a store that cannot be written is replaced by one inside the checkout', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  npm.failInstalls(['EROFS: read-only file system, mkdir /home/store'])
  await setUpQuietly(checkout, npm)
  const store = join(checkout.root, '.starling', 'install', 'store')
  expect(npm.calls()).toEqual([INSTALL, `${INSTALL} --store-dir ${store}`, BUILD])
})

test('a lockfile that is out of date is not tried again, and the line says what to do', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  npm.failInstalls(['Error: ERR_PNPM_OUTDATED_LOCKFILE'])
  await expect(setUpQuietly(checkout, npm)).rejects.toThrow('run npx --yes pnpm@12 install')
  expect(npm.calls()).toEqual([INSTALL])
})

test('a failed build ends with the error of the compiler and is tried again at the next start', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  npm.failBuilds('event:build: src/index.ts(1,1): error TS2304: nothing\nERROR run failed')
  await expect(setUpQuietly(checkout, npm)).rejects.toThrow('src/index.ts(1,1): error TS2304: nothing')
  await expect(setUpQuietly(checkout, npm)).rejects.toThrow('the build failed')
  expect(npm.calls()).toEqual([INSTALL, BUILD, BUILD])
})

test('a job that reports on the build itself goes on without it', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  npm.failBuilds('src/index.ts(1,1): error TS2304: nothing')
  const options = { root: checkout.root, say: ignore, environment: npm.environment, mayFailToBuild: true }
  const workspace = await setUp(options)
  expect(workspace.buildError?.message).toContain('error TS2304')
})

test('the tools of the workspace come first on the path of a job', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  const { env } = await setUp({ root: checkout.root, say: ignore, environment: npm.environment })
  expect(env['PATH']?.startsWith(join(checkout.root, 'node_modules', 'node', 'bin'))).toBe(true)
  expect(env['PATH']).toContain(join('_npx', '1', 'node_modules', '.bin'))
})

test('two set-ups at once install once', async () => {
  using checkout = createCheckout()
  const npm = createFakeNpm(checkout)
  await Promise.all([setUpQuietly(checkout, npm), setUpQuietly(checkout, npm)])
  expect(npm.calls()).toEqual([INSTALL, BUILD])
})

function ignore(): void {}
