import { expect, test } from 'vitest'

import { endlessChain } from '../src/conformance/runs.ts'
import { validateEvents } from '../src/index.ts'

test('a run that never ends is whole wherever it is cut off, and the same every time', () => {
  const [one, other] = [endlessChain('r'), endlessChain('r')]
  const events = Array.from({ length: 50 }, () => one.next().value)
  expect(validateEvents(events)).toMatchObject({ status: 'open', events: 50 })
  expect(events).toEqual(Array.from({ length: 50 }, () => other.next().value))
})
