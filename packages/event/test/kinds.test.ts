import { describe, expect, test } from 'vitest'
import { isKnownKind, isTerminalKind, KIND, kindName } from '../src/index.ts'
import { readVectors } from './event-fixtures.ts'

interface KindVectors {
  readonly kinds: readonly { readonly kind: number; readonly name: string; readonly terminal: boolean }[]
}

const { kinds } = readVectors('kinds.json') as KindVectors

describe('kinds', () => {
  test.each(kinds.filter(({ name }) => !name.startsWith('Kind(')))('$kind is $name', ({ kind, name, terminal }) => {
    expect(kindName(kind)).toBe(name)
    expect(isKnownKind(kind)).toBe(true)
    expect(isTerminalKind(kind)).toBe(terminal)
    expect(Object.entries(KIND)).toContainEqual([name, kind])
  })

  test('there are sixteen, numbered densely, and the last is an extension', () => {
    expect(Object.values(KIND)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1))
    expect(kindName(16)).toBe('TurnFailed')
  })

  test.each([0, 17, 255, -1, 1.5])('%d is unknown and has a name all the same', (kind) => {
    expect(isKnownKind(kind)).toBe(false)
    expect(isTerminalKind(kind)).toBe(false)
    expect(kindName(kind)).toBe(`Kind(${kind})`)
  })
})
