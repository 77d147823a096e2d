import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wellFormedJson } from '../src/index.ts'

describe('wellFormedJson', () => {
  test.each([
    ['half a character that JSON.stringify escaped', JSON.stringify('a\ud83d'), String.raw`"a\ufffd"`],
    ['the other half', String.raw`"\ude00b"`, String.raw`"\ufffdb"`],
    ['two halves the wrong way round', String.raw`"\ude00\ud83d"`, String.raw`"\ufffd\ufffd"`],
    ['a half before a whole one', String.raw`"\uD83D\uD83D\uDE00"`, String.raw`"\ufffd\uD83D\uDE00"`],
    ['a half behind an escaped backslash', String.raw`"\\\ud83d"`, String.raw`"\\\ufffd"`],
    ['a half as it is', '"a\ud83d"', '"a\ufffd"'],
    ['a half as it is before one that is escaped', '"\ud83d\\ude00"', '"\ufffd\\ufffd"'],
  ])('%s is replaced', (_, text, expected) => {
    expect(wellFormedJson(text)).toBe(expected)
  })

  test.each([
    ['a character in two halves', String.raw`"\ud83d\ude00"`],
    ['words that look like one', String.raw`"\\ud83d and \\\\ude00"`],
    ['other escapes', String.raw`"\u0041\n\"\/\\"`],
    ['an emoji', '{"a":"👩‍🚀"}'],
    ['numbers as they were written', '{"a":1.0,"b":12345678901234567890}'],
  ])('%s stays as it is', (_, text) => {
    expect(wellFormedJson(text)).toBe(text)
  })

  test('what is parsed afterwards is what toWellFormed makes of every text', () => {
    const texts = fc
      .array(fc.constantFrom('\ud83d', '\ude00', '\\', 'u', 'd83d', 'n', '"', 'é', '\0'))
      .map((all) => all.join(''))
    fc.assert(
      fc.property(texts, texts, (name, text) => {
        const json = JSON.stringify([text, { name, [name]: text }])
        const expected: unknown = [
          text.toWellFormed(),
          { name: name.toWellFormed(), [name.toWellFormed()]: text.toWellFormed() },
        ]
        expect(JSON.parse(wellFormedJson(json))).toEqual(expected)
      }),
    )
  })
})
