import { expect, test } from 'vitest'

import { decodeText, isText, looksLikeText, parseContentType } from '../src/decode-text.ts'

test.for([
  [undefined, '', undefined],
  ['text/html', 'text/html', undefined],
  ['Text/HTML; Charset=UTF-8', 'text/html', 'UTF-8'],
  ['text/html;charset="iso-8859-1"', 'text/html', 'iso-8859-1'],
  ['multipart/form-data; boundary=x; charset = utf-8', 'multipart/form-data', 'utf-8'],
  ['text/plain; format=flowed; charset=koi8-r', 'text/plain', 'koi8-r'],
  ['text/plain; charset=', 'text/plain', undefined],
  ['text/plain; charset=""', 'text/plain', undefined],
  ['text/plain; charset="', 'text/plain', undefined],
  ['text/plain; charset="utf-8', 'text/plain', 'utf-8'],
  ['text/plain; charset=" utf-8 "', 'text/plain', 'utf-8'],
  ['text/plain; charset=a"b', 'text/plain', undefined],
  ['text/plain; charset="a;charset=koi8-r', 'text/plain', 'a'],
  ['text/plain; charset', 'text/plain', undefined],
  ['text/plain; mycharset=utf-8', 'text/plain', undefined],
  [';', '', undefined],
  ['application/zip; charset=binary', 'application/zip', undefined],
] as const)('the header %j is read', ([header, type, charset]) => {
  expect(parseContentType(header)).toEqual({ type, charset })
})

test.for([
  ['text/plain', true],
  ['text/csv', true],
  ['application/json', true],
  ['application/ld+json', true],
  ['application/atom+xml', true],
  ['image/svg+xml', true],
  ['application/x-ndjson', true],
  ['application/pdf', false],
  ['image/png', false],
  ['application/zip', false],
  ['audio/mpeg', false],
] as const)('%s is text: %j, whatever is in it', ([header, expected]) => {
  expect(isText(bytesOf('anything'), parseContentType(header))).toBe(expected)
})

test('without a type that says, what is in it decides', () => {
  const types = [undefined, 'application/octet-stream'].map(parseContentType)
  const bodies = [bytesOf('plain words'), new Uint8Array([1, 0, 2]), new Uint8Array([0xff, 0x41])]
  expect(types.map((type) => bodies.map((body) => isText(body, type)))).toEqual([
    [true, false, false],
    [true, false, false],
  ])
})

test('text that was cut inside a character still looks like text', () => {
  expect(looksLikeText(bytesOf('naïve €').subarray(0, -1))).toBe(true)
})

test('UTF-16 with a mark looks like text, although half of it is null bytes', () => {
  expect(looksLikeText(new Uint8Array([0xff, 0xfe, 0x41, 0]))).toBe(true)
})

test.for([
  ['the header', 'text/plain; charset=windows-1252', [0x80], '€'],
  ['the header, under another name', 'text/plain; charset=latin1', [0xe9], 'é'],
  ['the header', 'text/plain; charset=gbk', [0xc4, 0xe3, 0xba, 0xc3], '你好'],
  ['the header', 'text/plain; charset=shift_jis', [0x93, 0xfa, 0x96, 0x7b], '日本'],
  ['the header', 'text/plain; charset=utf-16le', [0x41, 0, 0xac, 0x20], 'A€'],
  ['a mark of UTF-8', 'text/plain', [0xef, 0xbb, 0xbf, 0x41], 'A'],
  ['a mark of UTF-16', 'text/plain', [0xff, 0xfe, 0x41, 0], 'A'],
  ['a mark of UTF-16, the other way round', 'text/plain', [0xfe, 0xff, 0, 0x41], 'A'],
  ['a mark, before the header', 'text/plain; charset=latin1', [0xef, 0xbb, 0xbf, 0xc3, 0xa9], 'é'],
  ['nothing, so UTF-8', 'text/plain', [0xc3, 0xa9], 'é'],
  ['a header that nobody knows, so UTF-8', 'text/plain; charset=utf8mb4', [0xc3, 0xa9], 'é'],
  ['nothing, and wrong bytes are marked', 'text/plain', [0x41, 0xff], 'A\uFFFD'],
] as const)('decoded by %s: %s', ([_what, header, bytes, text]) => {
  expect(decodeText(new Uint8Array(bytes), parseContentType(header), false)).toBe(text)
})

test.for([
  ['text/html', '<html><meta charset="windows-1252"><p>caf\u00e9', 'café'],
  ['text/html', `<meta charset = ' windows-1252'><p>caf\u00e9`, 'café'],
  ['text/html', '<META http-equiv=content-type content="text/html; charset=iso-8859-15">\u00a4', '€'],
  ['application/xml', '<?xml version="1.0" encoding="ISO-8859-1"?><a>\u00e9</a>', '<a>é</a>'],
  ['application/rss+xml', "<?xml version='1.0' encoding='windows-1251'?><a>\u00ff</a>", '<a>я</a>'],
] as const)('%s says in the document how it is encoded', ([type, document, text]) => {
  const bytes = Uint8Array.from(document, (character) => character.charCodeAt(0))
  expect(decodeText(bytes, parseContentType(type), false)).toContain(text)
})

test('a document that says UTF-16 and can be read is not', () => {
  expect(decodeText(bytesOf('<meta charset=utf-16>é'), parseContentType('text/html'), false)).toContain('é')
})

test('plain text that speaks of a charset is not a document', () => {
  expect(decodeText(bytesOf('<meta charset=latin1> é'), parseContentType('text/plain'), false)).toContain('é')
})

test('a character that was cut off is left out, and marked when the text is complete', () => {
  const cut = bytesOf('a€').subarray(0, -1)
  const type = parseContentType('text/plain')
  expect([decodeText(cut, type, true), decodeText(cut, type, false)]).toEqual(['a', 'a\uFFFD'])
})

test.for([
  `text/html;charset=${' '.repeat(50_000)}a"b`,
  `text/html;${' '.repeat(50_000)}charset`,
  `text/html${';charset="'.repeat(50_000)}`,
])('a header made to take long is read in no time: %#', (header) => {
  expect(parseContentType(header)).toEqual({ type: 'text/html', charset: undefined })
})

test('looking for a charset takes no time in a document made to take long', () => {
  const bytes = bytesOf('<meta '.repeat(100_000))
  expect(decodeText(bytes, parseContentType('text/html'), false)).toHaveLength(600_000)
})

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
