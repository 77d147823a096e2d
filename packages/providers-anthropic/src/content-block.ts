import type { CacheControl } from '@starling/provider'
import { cacheMarker } from './cache-marker.ts'
import { addMember, objectText } from './json-text.ts'

/** One block of a message, as it is sent. */
export interface ContentBlock {
  /** `tool_result` blocks come first in their message. */
  readonly isResult: boolean
  /** Whether the API takes a cache marker on it: not on thinking, and who knows on what it alone understands. */
  readonly isMarkable: boolean
  /** The JSON object. */
  readonly text: string
}

/** Makes a block that may carry a cache marker. */
export function plainBlock(text: string): ContentBlock {
  return { isResult: false, isMarkable: true, text }
}

/** Makes a block that goes back just as it came. */
export function fixedBlock(text: string): ContentBlock {
  return { isResult: false, isMarkable: false, text }
}

/** Writes a text block; none for white space, which the API refuses and models send all the same. */
export function textBlocks(text: string, citations: readonly string[] = []): ContentBlock[] {
  if (text.trim() === '') return []
  const cited = citations.length === 0 ? undefined : `[${citations.join(',')}]`
  return [plainBlock(objectText({ type: 'text', text }, { citations: cited }))]
}

/** Puts the cache marker on the last block that may carry one. */
export function markLast(blocks: readonly ContentBlock[], cache: CacheControl): readonly ContentBlock[] {
  const index = blocks.findLastIndex(({ isMarkable }) => isMarkable)
  return blocks.map((block, at) =>
    at === index ? { ...block, text: addMember(block.text, 'cache_control', cacheMarker(cache)) } : block,
  )
}
