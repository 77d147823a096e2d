import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { npmCommand, setUpEnvironment, withPath } from '../src/environment.mjs'
import { createCheckout, createFakeNpm } from './support/checkout.ts'

test('a set-up installs development dependencies also in a production shell', () => {
  const environment = setUpEnvironment({ NODE_ENV: 'production', npm_config_omit: 'dev', HOME: '/home/me' })
  expect(environment).not.toHaveProperty('NODE_ENV')
  expect(environment).not.toHaveProperty('npm_config_omit')
  expect(environment['HOME']).toBe('/home/me')
})

test('the log of a set-up has no colours, even when colours are forced', () => {
  const environment = setUpEnvironment({ FORCE_COLOR: '1' })
  expect(environment['NO_COLOR']).toBe('1')
  expect(environment).not.toHaveProperty('FORCE_COLOR')
})

test('a silent npm does not silence the log', () => {
  expect(setUpEnvironment({ npm_config_loglevel: 'silent' })).not.toHaveProperty('npm_config_loglevel')
})

test('folders are put before the search path', () => {
  expect(withPath({ PATH: '/bin' }, ['/a b', '/c'])).toEqual({ PATH: ['/a b', '/c', '/bin'].join(delimiter) })
})

test('the search path keeps its Windows spelling', () => {
  expect(withPath({ Path: 'C:\\Windows' }, ['C:\\node'])).toEqual({ Path: ['C:\\node', 'C:\\Windows'].join(delimiter) })
})

test('without a search path the folders are all there is', () => {
  expect(withPath({}, ['/a'])).toEqual({ PATH: '/a' })
})

test('npm is the one that started this process', () => {
  using checkout = createCheckout()
  const { environment } = createFakeNpm(checkout)
  const script = join(checkout.root, 'fake', 'npm-cli.js')
  expect(npmCommand(environment)).toEqual({ file: process.execPath, args: [script], shell: false })
})

test.each([{}, { npm_execpath: '/opt/pnpm.cjs' }, { npm_execpath: '/gone/npm-cli.js' }])(
  'npm is looked up on the path when %j did not start this process',
  (environment) => {
    expect(npmCommand(environment, 'linux')).toEqual({ file: 'npm', args: [], shell: false })
  },
)
