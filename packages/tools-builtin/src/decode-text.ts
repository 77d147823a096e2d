import { TextDecoder } from 'node:util'

/** The type and the parameters that matter of a `content-type` header. */
export interface ContentType {
  /** In small letters, such as `text/html`; empty when there is none. */
  readonly type: string
  /** The label of the encoding; `undefined` when the header has none. */
  readonly charset: string | undefined
}

/** Types that are text although they do not begin with `text/`. */
const TEXT_TYPES =
  /^(?:text\/.+|message\/.+|multipart\/.+|.+\+(?:json|xml|yaml)|application\/(?:json|xml|javascript|ecmascript|yaml|x-yaml|toml|x-ndjson|ndjson|jsonl|json5|graphql|sql|x-sh|rtf|x-www-form-urlencoded|x-httpd-php|typescript|x-javascript|x-tex|x-latex|jsonlines|x-subrip|x-mpegurl|vnd\.apple\.mpegurl)|image\/svg\+xml)$/

/** Where HTML and XML say in the document itself how it is encoded. */
const META_CHARSET = /<meta\b[^>]{0,512}?\bcharset\s*=\s*(?:["']\s*)?([\w.:-]+)/i
const XML_ENCODING = /^<\?xml\b[^>]{0,512}?\bencoding\s*=\s*["']([\w.:-]+)["']/

/** How much of a document is looked at to find out what it is: browsers look at as much. */
const SNIFFED_BYTES = 1024

/** Reads a `content-type` header. */
export function parseContentType(header: string | undefined): ContentType {
  const [type = '', ...parameters] = (header ?? '').split(';')
  const charset = parameters.map(charsetOf).find((value) => value !== '' && value !== 'binary')
  return { type: type.trim().toLowerCase(), charset }
}

/** The value of a parameter that says the encoding; empty for any other. Without a pattern: a server chooses the text. */
function charsetOf(parameter: string): string {
  const equals = parameter.indexOf('=')
  if (parameter.slice(0, Math.max(0, equals)).trim().toLowerCase() !== 'charset') return ''
  const value = parameter.slice(equals + 1).trim()
  const start = value.startsWith('"') ? 1 : 0
  const bare = value.slice(start, value.length > start && value.endsWith('"') ? -1 : undefined).trim()
  return bare.includes('"') ? '' : bare
}

/** Reports whether a body is text: by its type, and where that does not say, by what is in it. */
export function isText(bytes: Uint8Array, { type, charset }: ContentType): boolean {
  if (TEXT_TYPES.test(type) || charset !== undefined) return true
  if (type !== '' && type !== 'application/octet-stream' && type !== 'binary/octet-stream') return false
  return looksLikeText(bytes)
}

/** Reports whether bytes of an unknown kind read as text: a byte order mark, or UTF-8 without null bytes. */
export function looksLikeText(bytes: Uint8Array): boolean {
  if (findByteOrderMark(bytes) !== undefined) return true
  if (bytes.subarray(0, 8 * SNIFFED_BYTES).includes(0)) return false
  try {
    // A character at the end may have been cut in two.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false // what throws is not UTF-8
  }
}

/**
 * Decodes text, by its byte order mark, the header, or what the document says of itself, in this order; else as UTF-8.
 *
 * A character that is cut off at the end is left out when the body was `truncated`.
 */
export function decodeText(bytes: Uint8Array, contentType: ContentType, truncated: boolean): string {
  const label = findByteOrderMark(bytes) ?? contentType.charset ?? findInDocument(bytes, contentType.type)
  const decoder = createDecoder(label) ?? new TextDecoder()
  return decoder.decode(bytes, { stream: truncated })
}

/** The encoding that the first bytes announce. */
export function findByteOrderMark(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

function findInDocument(bytes: Uint8Array, type: string): string | undefined {
  const isXml = /(?:\/|\+)xml$/.test(type)
  if (type !== 'text/html' && !isXml) return undefined
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, SNIFFED_BYTES))
  const found = XML_ENCODING.exec(start)?.[1] ?? META_CHARSET.exec(start)?.[1]
  // A document that could be read so far is not UTF-16, whatever it says.
  return found !== undefined && /^utf-?16/i.test(found) ? 'utf-8' : found
}

function createDecoder(label: string | undefined): TextDecoder | undefined {
  if (label === undefined) return undefined
  try {
    return new TextDecoder(label)
  } catch {
    return undefined // an encoding that nobody knows: most of them are UTF-8 under another name
  }
}
