import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findBrowser } from '../src/browser.mjs'
import { createCheckout } from './support/checkout.ts'

test('the browser named by STARLING_BROWSER is taken at its word', () => {
  expect(findBrowser({ STARLING_BROWSER: '/opt/my browser', PATH: '/bin' })).toBe('/opt/my browser')
})

test.each(['chromium', 'google-chrome'])('%s on the path is found', (name) => {
  using checkout = createCheckout()
  checkout.write(`bin/${name}`, '')
  chmodSync(join(checkout.root, 'bin', name), 0o755)
  expect(findBrowser({ PATH: join(checkout.root, 'bin') })).toBe(join(checkout.root, 'bin', name))
})

test('a file that cannot be run is no browser', () => {
  using checkout = createCheckout()
  checkout.write('bin/chromium', '')
  chmodSync(join(checkout.root, 'bin', 'chromium'), 0o644)
  expect(findBrowser({ PATH: join(checkout.root, 'bin') })).not.toBe(join(checkout.root, 'bin', 'chromium'))
})
