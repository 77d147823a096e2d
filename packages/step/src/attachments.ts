import type { RecordedAttachment } from '@starling/event'
import type { Attachment } from '@starling/provider'

/** Finds why something cannot go along with a message, in one line. */
export function findAttachmentProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'an attachment must be an object'
  const { type, mediaType, data, name = '' }: Partial<Record<keyof Attachment, unknown>> = value
  if (type !== 'image' && type !== 'file') return `an attachment of the type ${show(type)}, expected image or file`
  if (typeof mediaType !== 'string' || !MEDIA_TYPE.test(mediaType)) {
    return `an attachment with the mediaType ${show(mediaType)}, expected one such as image/png`
  }
  if (typeof name !== 'string') return 'an attachment whose name is not a text'
  if (data instanceof Uint8Array) return data.length === 0 ? `an attachment (${mediaType}) without a byte` : undefined
  if (typeof data === 'string' && URL.parse(data)?.protocol === 'https:') return undefined
  return `an attachment (${mediaType}) whose data is neither bytes nor an https: address`
}

/** Whatever it is, in one line. */
function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : typeof value
}

const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+$/

/** Attachments as they are recorded; the bytes are copied, so that nobody changes what is on record. */
export function toRecordedAttachments(given?: readonly Attachment[]): readonly RecordedAttachment[] | undefined {
  if (given === undefined || given.length === 0) return undefined
  return given.map(({ type, mediaType, data, name }) => {
    const where = typeof data === 'string' ? { url: data } : { data: data.slice() }
    return { type, mediaType, ...where, ...(name === undefined || name === '' ? {} : { name }) }
  })
}

const TOKENS_PER_IMAGE = 1500
const TOKENS_PER_BLOCK = 1500
const BLOCK_BYTES = 65_536
const BYTES_PER_TOKEN = 3

/**
 * Estimates the input tokens of an attachment: 1,500 for an image, which is
 * what the vendors count for a large one; a third of the bytes of a text; 1,500
 * for every 64 KiB begun of any other file, about one page of a PDF; and of
 * what lies at an address, whose size nobody knows, as much as for the least.
 */
export function attachmentTokens({ type, mediaType, data }: Attachment): number {
  if (type === 'image') return TOKENS_PER_IMAGE
  if (typeof data === 'string') return TOKENS_PER_BLOCK
  if (TEXT_TYPE.test(mediaType)) return Math.ceil(data.length / BYTES_PER_TOKEN)
  return TOKENS_PER_BLOCK * Math.ceil(data.length / BLOCK_BYTES)
}

const TEXT_TYPE = /^(?:text\/|application\/(?:json|xml|yaml|[\w.-]+\+(?:json|xml)))/

/** Recorded attachments as they go to the model. */
export function toAttachments(recorded?: readonly RecordedAttachment[]): readonly Attachment[] | undefined {
  if (recorded === undefined || recorded.length === 0) return undefined
  return recorded.map(({ type, mediaType, data, url = '', name }) => ({
    type: type === 'image' ? 'image' : 'file',
    mediaType,
    data: data ?? url,
    ...(name === undefined || name === '' ? {} : { name }),
  }))
}
