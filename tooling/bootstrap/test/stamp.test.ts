import { expect, test } from 'vitest'
import { readStamp, writeStamp } from '../src/stamp.mjs'
import { createCheckout } from './support/checkout.ts'

test('a stamp is read back', () => {
  using checkout = createCheckout()
  writeStamp(checkout.root, { install: 'a', build: 'b' })
  expect(readStamp(checkout.root)).toEqual({ install: 'a', build: 'b' })
})

test.each([undefined, '', '{"install":', 'null', '7'])(
  'a stamp that is missing or torn says nothing: %j',
  (content) => {
    using checkout = createCheckout()
    if (content !== undefined) checkout.write('node_modules/.starling/stamp.json', content)
    expect(readStamp(checkout.root)).toEqual({})
  },
)
