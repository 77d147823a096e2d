import { Buffer } from 'node:buffer'

import { defineTool, type Tool } from '@starling/tool'
import { overridePolicy } from '../check-options.ts'
import { effect } from '../effect.ts'
import { choiceField, fieldWithDefault, inputOf, integerField, optionalField, textField } from '../input-fields.ts'
import { decodeText, isText, parseContentType } from '../decode-text.ts'
import { readFetchOptions, type FetchSettings, type FetchToolOptions } from './fetch-options.ts'
import { imageTypeOf } from '../image-type.ts'
import { METHODS, sendRequest, type FetchAnswer } from './request.ts'

/**
 * What the model gets of an answer.
 *
 * `body` is text, or base64, or empty when `bodyType` says that it was omitted or attached.
 */
interface FetchResult {
  /** Of the last server, after all redirects. */
  readonly url: string
  readonly status: number
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodyType: 'text' | 'base64' | 'omitted' | 'attached'
  readonly body: string
  /** How many bytes of the body were read. */
  readonly sizeBytes: number
  /** Whether there was more of the body than was read. */
  readonly truncated: boolean
}

/** What is recorded of a call: the result, and the image beside it. */
interface RecordedFetch {
  readonly result: FetchResult
  readonly image?: { readonly mediaType: string; readonly data: Uint8Array }
}

/** One byte of a body may become six of JSON; beside it are the headers. */
const JSON_GROWTH = 6
const MAX_HEADER_BYTES = 256 * 1024

/**
 * Creates the tool `fetch`, which reads a page or a file from the public internet.
 *
 * It cannot reach private or special addresses, by name, by redirect or by a
 * name service that changes its answer; see the README for everything that is refused.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createFetchTool({ allowHosts: ['*.wikipedia.org'] })]
 * ```
 */
export function createFetchTool(options: FetchToolOptions = {}): Tool {
  const settings = readFetchOptions(options)
  const { maxBytes } = settings
  const own = {
    idempotent: true,
    maxAttempts: 2,
    maxResultBytes: JSON_GROWTH * maxBytes + MAX_HEADER_BYTES,
  }
  return defineTool({
    name: 'fetch',
    description:
      'Fetches a URL of the public internet over HTTP and returns the status, the headers and the body as text. ' +
      'Redirects are followed. A long body is cut, and truncated is true then.',
    input: inputOf({
      url: textField('The absolute http: or https: URL.', { maxLength: 8192 }),
      method: fieldWithDefault(choiceField('HEAD asks for status and headers only.', METHODS), 'GET'),
      maxBytes: optionalField(integerField('Read at most so many bytes of the body.', 1, maxBytes)),
    }),
    policy: overridePolicy(own, options.policy),
    async execute({ url, method, maxBytes: limit = maxBytes }, context) {
      const { result, image } = await effect(context, 'fetch', async () =>
        describeAnswer(await sendRequest({ url, method, maxBytes: limit }, settings, context.signal), settings),
      )
      if (image !== undefined) context.attach({ type: 'image', ...image })
      return result
    },
  })
}

function describeAnswer(answer: FetchAnswer, settings: FetchSettings): RecordedFetch {
  const { bytes, truncated, headers } = answer
  const shown = settings.responseHeaders.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const image = settings.attachImages && !truncated ? imageTypeOf(bytes) : undefined
  const result: FetchResult = {
    url: answer.url.href,
    status: answer.status,
    contentType: headers['content-type'] ?? '',
    headers: Object.fromEntries(shown),
    ...(image === undefined ? describeBody(answer, settings) : { bodyType: 'attached', body: '' }),
    sizeBytes: bytes.length,
    truncated,
  }
  return image === undefined ? { result } : { result, image: { mediaType: image, data: bytes } }
}

function describeBody(answer: FetchAnswer, { binary }: FetchSettings): Pick<FetchResult, 'bodyType' | 'body'> {
  const { bytes, truncated, headers, unknownEncoding } = answer
  const contentType = parseContentType(headers['content-type'])
  if (unknownEncoding === undefined && isText(bytes, contentType)) {
    return { bodyType: 'text', body: decodeText(bytes, contentType, truncated) }
  }
  if (binary === 'omit') return { bodyType: 'omitted', body: '' }
  return { bodyType: 'base64', body: encodeBase64(bytes) }
}

function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}
