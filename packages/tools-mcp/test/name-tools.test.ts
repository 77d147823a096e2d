import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { nameTools } from '../src/name-tools.ts'

describe('nameTools', () => {
  test('leaves names that every vendor takes as they are, behind the prefix', () => {
    expect(nameTools([{ remote: 'read-File_2' }, { remote: 'b' }], 'fs_')).toEqual(['fs_read-File_2', 'fs_b'])
  })

  test('writes an underscore for what vendors do not take', () => {
    expect(nameTools([{ remote: 'a.b/c d' }, { remote: 'größe😀' }], '')).toEqual(['a_b_c_d', 'gr__e_'])
  })

  test('tells names apart that would be the same, and leaves the one that is as the server has it', () => {
    const names = nameTools([{ remote: 'a.b' }, { remote: 'a_b' }, { remote: 'a/b' }], '')
    expect(names).toEqual([
      expect.stringMatching(/^a_b_[0-9a-f]{8}$/),
      'a_b',
      expect.stringMatching(/^a_b_[0-9a-f]{8}$/),
    ])
    expect(names[0]).not.toBe(names[2])
  })

  test('cuts what is too long and keeps it apart', () => {
    const [one = '', other = ''] = nameTools([{ remote: `${'x'.repeat(80)}1` }, { remote: `${'x'.repeat(80)}2` }], '')
    expect([one.length, other.length]).toEqual([64, 64])
    expect(one).not.toBe(other)
  })

  test('gives way to a tool of the server with the name that is wanted', () => {
    const tools = [{ remote: 'read_resource' }, { remote: 'resources/read', wanted: 'read_resource' }]
    expect(nameTools(tools, '')).toEqual(['read_resource', expect.stringMatching(/^read_resource_[0-9a-f]{8}$/)])
  })

  test('refuses what it cannot tell apart', () => {
    const [taken = ''] = nameTools([{ remote: 'a.b' }, { remote: 'a/b' }], '')
    const build = (): unknown => nameTools([{ remote: 'a.b' }, { remote: 'a/b' }, { remote: taken }], '')
    expect(build).toThrow(`mcp tools "a.b" and "${taken}" are both named ${taken}`)
    expect(build).toThrow(expect.objectContaining({ code: 'MCP_INVALID_CATALOGUE' }))
  })

  test('makes names that every vendor takes, all different, whatever the order', () => {
    const remotes = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 90, unit: 'binary' }), { maxLength: 20 })
    fc.assert(
      fc.property(remotes, (given) => {
        const names = nameTools(
          given.map((remote) => ({ remote })),
          'p_',
        )
        expect(new Set(names).size).toBe(given.length)
        for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
        const reversed = nameTools(given.map((remote) => ({ remote })).toReversed(), 'p_')
        expect(reversed.toReversed()).toEqual(names)
      }),
    )
  })
})
