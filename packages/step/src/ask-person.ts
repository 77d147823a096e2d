import { equalBytes, KIND } from '@starling/event'
import type { SideEffectRecorded } from '@starling/event'
import type { ToolAnswer, ToolQuestion } from '@starling/tool'
import {
  ANSWER,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  hashQuestion,
  QUESTION,
} from './questions.ts'
import type { RecordedQuestion } from './questions.ts'
import type { CallContextOptions } from './run-context.ts'
import { effectKey, takeOver } from './tool-call.ts'
import type { EffectPlace, GivenAnswer, OpenQuestion } from './tool-call.ts'

/** A question as a tool asks it. */
export interface AskedQuestion {
  readonly question: ToolQuestion
  readonly held: boolean
  readonly place: EffectPlace
}

type Call = Pick<CallContextOptions, 'recorder' | 'scope' | 'ask' | 'expiry' | 'effects'>

/** What a question is answered where nobody is asked. */
export const NOBODY: GivenAnswer = { answer: { action: 'cancel' } }

/**
 * Asks what a tool wants to know: the question is durable before anybody sees it, the answer before the tool has it.
 * What was asked, or answered, before the call was cut off is on record already.
 *
 * @param assertRunning - throws when the call has ended: an answer that comes later is nobody's.
 */
export async function askPerson(asked: AskedQuestion, call: Call, assertRunning: () => void): Promise<ToolAnswer> {
  const { place } = asked
  const { question, answer } = recordedBefore(asked, call)
  if (answer !== undefined) return answer
  const open = question ?? (await recordQuestion(asked, call))
  const value = await recordAnswer({ ...open, ordinal: place.ordinal ?? 0 }, { place, call, assertRunning })
  return decodeAnswer(value).answer
}

interface Before {
  readonly question?: RecordedQuestion | undefined
  readonly answer?: ToolAnswer | undefined
}

/** What was recorded of a question before the call was cut off, when it is the same question. */
function recordedBefore({ question, place: { ordinal } }: AskedQuestion, { effects }: Call): Before {
  const effect = effects?.get(effectKey({ name: QUESTION, ordinal }))
  const before = effect === undefined ? undefined : decodeQuestion(effect.value)
  const hash = hashQuestion(question)
  if (before === undefined || !equalBytes(hashQuestion(before.question), hash)) return {}
  const given = effects?.get(effectKey({ name: ANSWER, ordinal }))
  const { answer, questionHash = hash } = given === undefined ? {} : decodeAnswer(given.value)
  return { question: before, answer: equalBytes(questionHash, hash) ? answer : undefined }
}

async function recordQuestion(
  { question, held, place }: AskedQuestion,
  { recorder, scope, expiry }: Call,
): Promise<RecordedQuestion> {
  const source = (recorded: SideEffectRecorded | undefined): SideEffectRecorded => {
    const expiresAt = recorded === undefined ? expiry?.() : decodeQuestion(recorded.value)?.expiresAt
    return { name: QUESTION, value: encodeQuestion({ question, held, expiresAt }), ...place }
  }
  const { value } = await recorder.emit(KIND.SideEffectRecorded, source, { scope })
  return { question, held, expiresAt: decodeQuestion(value)?.expiresAt }
}

interface Asking {
  readonly place: EffectPlace
  readonly call: Call
  readonly assertRunning: () => void
}

async function recordAnswer(open: OpenQuestion, { place, call, assertRunning }: Asking): Promise<Uint8Array> {
  const { recorder, scope, ask = () => NOBODY } = call
  if (recorder.replaying)
    return (await recorder.emit(KIND.SideEffectRecorded, takeOver(ANSWER, place), { scope })).value
  const given = await ask(open)
  assertRunning()
  const value = encodeAnswer({ ...given, outside: false }, open.question)
  await recorder.emit(KIND.SideEffectRecorded, { name: ANSWER, value, ...place }, { scope })
  given.onRecorded?.()
  return value
}
