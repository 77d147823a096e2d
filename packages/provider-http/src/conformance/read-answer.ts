import type { AssistantMessage, AssistantPart, ModelChunk } from '@starling/provider'
import { createPartCollector } from '../collect-parts.ts'

/** What there is of an answer, and how it failed. */
export interface AnswerSoFar {
  readonly chunks: readonly ModelChunk[]
  /** `undefined` for an answer that came to its end. */
  readonly error: unknown
}

/** Reads all chunks, in whatever order they come: `collectAnswer` of the provider's conformance suite checks it. */
export async function collectChunks(chunks: AsyncIterable<ModelChunk>): Promise<ModelChunk[]> {
  const seen: ModelChunk[] = []
  for await (const chunk of chunks) seen.push(chunk)
  return seen
}

/** Reads until the iteration ends or fails, and returns both. */
export async function collectUntilFailure(chunks: AsyncIterable<ModelChunk>): Promise<AnswerSoFar> {
  const seen: ModelChunk[] = []
  try {
    for await (const chunk of chunks) seen.push(chunk)
  } catch (error) {
    return { chunks: seen, error }
  }
  return { chunks: seen, error: undefined }
}

/** The chunks of an answer with its last usage before its end and without those before: for tests of its content. */
export function withUsageLast(chunks: readonly ModelChunk[]): ModelChunk[] {
  const usage = chunks.findLast(({ type }) => type === 'usage')
  const content = chunks.filter(({ type }) => type !== 'usage')
  if (usage === undefined) return content
  const end = content.findIndex(({ type }) => type === 'end')
  return content.toSpliced(end === -1 ? content.length : end, 0, usage)
}

/** The text of an answer. */
export function textOf(chunks: readonly ModelChunk[]): string {
  return chunks.map((chunk) => (chunk.type === 'text-delta' ? chunk.text : '')).join('')
}

/** The parts of an answer, in the order they began. */
export function partsOfAnswer(chunks: readonly ModelChunk[]): readonly AssistantPart[] {
  const collector = createPartCollector()
  for (const chunk of chunks) collector.add(chunk)
  return collector.parts
}

/** The message that an agent keeps of an answer. */
export function messageOf(chunks: readonly ModelChunk[]): AssistantMessage {
  const parts = partsOfAnswer(chunks)
  return {
    role: 'assistant',
    content: textOf(chunks),
    toolUses: parts.filter((part) => part.type === 'tool-use'),
    parts,
  }
}
