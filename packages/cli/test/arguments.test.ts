import { describe, expect, test } from 'vitest'
import { parseArguments } from '../src/parse-arguments.ts'
import { suggest } from '../src/suggest.ts'
import type { FlagSpecs } from '../src/command.ts'

const SPECS: FlagSpecs = {
  json: { type: 'boolean', summary: '' },
  'dry-run': { type: 'boolean', summary: '' },
  follow: { type: 'boolean', short: 'f', summary: '' },
  limit: { type: 'integer', short: 'n', value: 'n', summary: '' },
  status: { type: 'string', value: 'status', summary: '' },
  format: { type: 'string', value: 'format', choices: ['raw', 'readable'], summary: '' },
  run: { type: 'strings', value: 'run', summary: '' },
}

describe('parseArguments', () => {
  test('flags stand before, between and after the arguments', () => {
    const expected = { flags: expect.objectContaining({ json: true, limit: 3 }), positionals: ['a', 'b'] }
    for (const argv of [
      ['--json', '--limit', '3', 'a', 'b'],
      ['a', '--json', 'b', '--limit', '3'],
      ['a', 'b', '--limit=3', '--json'],
      ['a', 'b', '-n3', '--json'],
      ['a', 'b', '-n', '3', '--json'],
    ]) {
      expect(parseArguments(argv, SPECS)).toEqual(expected)
    }
  })

  test('a flag that was not given has no value', () => {
    const parsed = parseArguments([], SPECS)
    expect(parsed).toEqual({
      flags: {
        json: false,
        'dry-run': false,
        follow: false,
        limit: undefined,
        status: undefined,
        format: undefined,
        run: [],
      },
      positionals: [],
    })
  })

  test('what follows two dashes is never a flag', () => {
    expect(parseArguments(['--', '--json', '-dry-run', '-'], SPECS)).toMatchObject({
      flags: { json: false, 'dry-run': false },
      positionals: ['--json', '-dry-run', '-'],
    })
  })

  test('a long flag may have a single dash', () => {
    expect(parseArguments(['-dry-run', '-limit=2', '-status', 'failed'], SPECS)).toMatchObject({
      flags: { 'dry-run': true, limit: 2, status: 'failed' },
    })
  })

  test('a single dash alone is an argument', () => {
    expect(parseArguments(['-'], SPECS)).toMatchObject({ positionals: ['-'] })
  })

  test('the last of several values counts', () => {
    expect(parseArguments(['--limit', '1', '--limit', '2'], SPECS)).toMatchObject({ flags: { limit: 2 } })
  })

  test('all values of a flag that may be repeated count', () => {
    expect(parseArguments(['--run', 'a', 'x', '--run=b', '-run', 'a'], SPECS)).toEqual({
      flags: expect.objectContaining({ run: ['a', 'b', 'a'] }),
      positionals: ['x'],
    })
    expect(parseArguments(['--run', 'a', '--run'], SPECS)).toEqual({ problem: '--run needs a value: --run <run>' })
  })

  test('a negative duration is a value, not a flag', () => {
    expect(parseArguments(['--status', '-1h'], SPECS)).toMatchObject({ flags: { status: '-1h' } })
  })

  test.each([
    [['--jsn'], 'unknown option --jsn; did you mean --json?'],
    [['--zzzzzz'], 'unknown option --zzzzzz'],
    [['-z'], 'unknown option -z'],
    [['-5 degrees?'], 'unknown option "-5 degrees?"; put -- before it if it is text, not an option'],
    [['- list'], 'unknown option "- list"; put -- before it if it is text, not an option'],
    [['-fello'], 'unknown option "-fello"; put -- before it if it is text, not an option'],
    [['--what is it'], 'unknown option "--what is it"; put -- before it if it is text, not an option'],
    [['--constructor'], 'unknown option --constructor'],
    [['--__proto__=1'], 'unknown option --__proto__'],
    [['--json=yes'], '--json takes no value, got "yes"'],
    [['--limit'], '--limit needs a value: --limit <n>'],
    [['--status', '--json'], '--status needs a value: --status <status>'],
    [['--limit', 'many'], '--limit needs a whole number of 0 or more, got "many"'],
    [['--limit', '-1'], '--limit needs a whole number of 0 or more, got "-1"'],
    [['--limit', '1.5'], '--limit needs a whole number of 0 or more, got "1.5"'],
    [['--limit', ''], '--limit needs a whole number of 0 or more, got ""'],
    [['--limit', '99999999999999999999'], '--limit needs a whole number of 0 or more, got "99999999999999999999"'],
    [['--format', 'xml'], '--format must be one of raw, readable; got "xml"'],
  ])('%j is a problem', (argv, problem) => {
    expect(parseArguments(argv, SPECS)).toEqual({ problem })
  })
})

describe('suggest', () => {
  const NAMES = ['validate', 'export', 'import', 'list', 'show', 'version', 'run']

  test.each([
    ['vaildate', 'validate'],
    ['val', 'validate'],
    ['exprot', 'export'],
    ['lst', 'list'],
    ['shwo', 'show'],
    ['rnu', 'run'],
  ])('%s was meant to be %s', (word, meant) => {
    expect(suggest(word, NAMES)).toBe(meant)
  })

  test.each(['deploy', 'x', '', 'validatevalidate', 'v'.repeat(10_000)])('nothing is near %.20s', (word) => {
    expect(suggest(word, NAMES)).toBeUndefined()
  })
})
