import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedact } from '../src/redact.ts'

describe('createRedact', () => {
  test('a known secret is taken out, everywhere and in its encoded form', () => {
    const redact = createRedact(['p&ss word'])
    expect(redact('p&ss word, again p&ss word, ?key=p%26ss%20word')).toBe(
      '[redacted], again [redacted], ?key=[redacted]',
    )
  })

  test.each([
    ['in JSON with escaped slashes', String.raw`{"k":"Zq9\/ab+\"c=`],
    ['in JSON within JSON', String.raw`{\"k\":\"Zq9\\\/ab+\\\"c=`],
    ['in JSON as numbers', String.raw`\u005aq9\u002Fab\u002b\u0022c\u003D`],
    ['in an address', '?key=Zq9%2Fab%2b%22c%3D&x=1'],
    ['in an address that leaves some of it as it is', '?key=Zq9/ab%2B%22c=&x=1'],
  ])('a secret is found %s', (_, text) => {
    const shown = createRedact(['Zq9/ab+"c='])(text)
    expect(shown).toContain('[redacted]')
    expect(shown).not.toMatch(/Zq9|ab|c=|u00/)
  })

  test('a secret of characters of any kind is found however they are escaped', () => {
    const secrets = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 })
    const ways: ((text: string) => string)[] = [
      (text) => JSON.stringify(text),
      (text) => JSON.stringify(JSON.stringify(text)),
      (text) => JSON.stringify(text).replaceAll('/', String.raw`\/`),
      (text) => Array.from(text.split(''), unicodeEscape).join(''),
      encodeURIComponent,
    ]
    fc.assert(
      fc.property(secrets, fc.constantFrom(...ways), (secret, write) => {
        fc.pre(!/\*{3}|^\s|\s$/.test(secret))
        const written = write(secret)
        expect(createRedact([secret])(`<${written}>`)).not.toContain(written.slice(1, -1))
      }),
    )
  })

  test('a secret that holds another one is taken out whole', () => {
    const redact = createRedact(['abcdef', 'xabcdefx'])
    expect(redact('xabcdefx abcdef')).toBe('[redacted] [redacted]')
    expect(createRedact(['abcdef', 'x/abcdef'])(String.raw`x\/abcdef abcdef`)).toBe('[redacted] [redacted]')
  })

  test.each([
    ['Incorrect API key provided: sk-proj-abcdef123456.', 'Incorrect API key provided: [redacted].'],
    ['Incorrect API key provided: abc****wxyz. See', 'Incorrect API key provided: [redacted]. See'],
    ['got authorization Bearer abc.def-ghi', 'got authorization [redacted]'],
    ['model ask-me-anything is not here', 'model ask-me-anything is not here'],
    ['2 ** 3 and **bold** text', '2 ** 3 and **bold** text'],
  ])('%j is shown as %j', (text, shown) => {
    expect(createRedact([])(text)).toBe(shown)
  })

  test('a placeholder for a key leaves ordinary words alone', () => {
    expect(createRedact(['none', 'x'])('none of the texts')).toBe('none of the texts')
  })

  test('a long text without a secret takes no longer than its length', { timeout: 2000 }, () => {
    for (const long of ['x', 's%', String.raw`\s`, String.raw`\u0073`].map((unit) => unit.repeat(200_000))) {
      expect(createRedact(['some-secret', 's/'.repeat(500)])(long)).toBe(long)
    }
  })

  test('whatever is around it, a secret is gone', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 40 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!'[redacted]'.includes(secret))
        expect(createRedact([secret])(`${before}${secret}${after}`)).not.toContain(secret)
      }),
    )
  })
})

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
