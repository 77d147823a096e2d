import { cborToJson, decodeValue, KIND } from '@starling/event'
import type { AssistantMessageCompleted, PlannedToolUse } from '@starling/event'
import { partsOf, STOP_REASONS } from '@starling/provider'
import type { AssistantPart, ModelChunk, ReasoningBlock, StopReason } from '@starling/provider'
import { CutOffError, errorFromTurnFailed, RecordedTrip, toUsage } from '@starling/step'
import type { ReplayRecorder } from '@starling/step'
import { toAssistantParts } from './message-parts.ts'

/** Who answers when nobody else does. */
interface Asked {
  readonly providerId: string
  readonly model: string
}

/** Serves the rest of a recorded turn as the chunks it was made of. */
export function* replayAnswer(recorder: ReplayRecorder, asked: Asked): Iterable<ModelChunk> {
  const reasoning: ReasoningBlock[] = []
  for (let ahead = 0; ; ahead += 1) {
    const recorded = recorder.peek(ahead)
    if (recorded?.kind === KIND.ReasoningEmitted) {
      const { content, signature, redacted } = recorded.payload
      reasoning.push({ text: content, signature, redacted })
      continue
    }
    if (recorded === undefined || recorded.kind === KIND.RunResumed) {
      // A block without a signature ends with the answer, which never came: the recording is all there is of it.
      for (let block = 0; block < reasoning.length; block += 1) recorder.adopt()
      throw new CutOffError()
    }
    // Everything was looked up before the first chunk is served: serving moves the recorder on.
    if (recorded.kind === KIND.AssistantMessageCompleted) {
      yield* answerChunks(recorded.payload, reasoning)
      yield* lastChunks(recorded.payload, asked)
      return
    }
    yield* reasoning.map(reasoningChunk)
    if (recorded.kind === KIND.TurnFailed) {
      const { partialText = '' } = recorded.payload
      if (partialText !== '') yield { type: 'text-delta', text: partialText }
      yield { type: 'usage', usage: toUsage(recorded.payload) }
      throw errorFromTurnFailed(recorded.payload)
    }
    if (recorded.kind === KIND.BudgetExceeded && recorded.payload.limit !== 'wall_clock')
      throw new RecordedTrip(recorded.payload)
    if (recorded.kind === KIND.RunFailed && recorded.payload.error === MISSING_RAW_HASH) {
      // The answer had ended: what failed the turn is that its end carried no hash.
      yield { type: 'end', stopReason: 'other', rawStopReason: '', rawResponseHash: null }
      return
    }
    throw new CutOffError()
  }
}

const MISSING_RAW_HASH = 'step: missing raw response hash'

function reasoningChunk({ text, signature, redacted }: ReasoningBlock): ModelChunk {
  if (redacted === true) return { type: 'redacted-reasoning', data: text, signature }
  // Also a block without a signature is whole, whatever comes after it.
  return { type: 'reasoning-delta', text, signature: signature ?? NO_BYTES }
}

const NO_BYTES = new Uint8Array(0)

/** Everything that the model said, in its order. */
function* answerChunks(answer: AssistantMessageCompleted, reasoning: readonly ReasoningBlock[]): Iterable<ModelChunk> {
  const toolUses = (answer.toolUses ?? []).map((use) => ({
    callId: use.callId,
    name: use.tool,
    arguments: argumentsText(use),
  }))
  const message = { role: 'assistant', content: answer.text, toolUses, reasoning } as const
  const parts = toAssistantParts(answer.parts, message)
  for (const part of partsOf({ ...message, parts })) yield* partChunks(part)
}

function* partChunks(part: AssistantPart): Iterable<ModelChunk> {
  switch (part.type) {
    case 'reasoning':
      yield reasoningChunk(part)
      return
    case 'text':
      if (part.text !== '') yield { type: 'text-delta', text: part.text }
      yield { type: 'text-end', citations: part.citations, signature: part.signature }
      return
    case 'tool-use':
      yield { type: 'tool-call-start', callId: part.callId, name: part.name }
      yield { type: 'tool-call-delta', callId: part.callId, argumentsText: part.arguments }
      yield { type: 'tool-call-end', callId: part.callId, signature: part.signature }
      return
    case 'opaque':
      yield part
  }
}

/** What the vendor said about the answer. */
function* lastChunks(answer: AssistantMessageCompleted, asked: Asked): Iterable<ModelChunk> {
  yield { type: 'usage', usage: toUsage(answer) }
  const { rawResponseHash, providerRequestId, stopReason } = answer
  yield {
    type: 'end',
    stopReason: stopReasonOf(answer.finishReason),
    rawStopReason: stopReason,
    rawResponseHash,
    requestId: providerRequestId === '' ? undefined : providerRequestId,
    answeredBy: answeredBy(answer, asked),
  }
}

function answeredBy(answer: AssistantMessageCompleted, asked: Asked): Asked | undefined {
  const { providerId = '', modelId = '' } = answer
  if (providerId === '' && modelId === '') return undefined
  return { providerId: providerId || asked.providerId, model: modelId || asked.model }
}

/** Arguments that were not JSON were recorded as their text. */
function argumentsText(use: PlannedToolUse): string {
  if (use.argsError === undefined || use.argsError === '') return cborToJson(use.args)
  return String(decodeValue(use.args))
}

function stopReasonOf(text: string | undefined): StopReason {
  return STOP_REASONS.find((reason) => reason === text) ?? 'other'
}
