import { toHex } from '@starling/event'
import type { SideEffectRecorded } from '@starling/event'
import { ANSWER, decodeAnswer, decodeQuestion, effectKey, hashQuestion, QUESTION } from '@starling/step'
import type { CallEffects, OpenQuestion, RecordedAnswer } from '@starling/step'

/** A question that a call has asked, and what has become of it. */
export interface CallQuestion extends OpenQuestion {
  answer: RecordedAnswer | undefined
  /** Whether the call has not gone on since: it has no answer, or one that it has not been given yet. */
  isStanding: boolean
}

/** What a planned call has recorded by itself since it was scheduled, or since the schedule from which it goes on. */
export class CallRecord {
  readonly #questions = new Map<number, CallQuestion>()
  readonly #effects = new Map<string, SideEffectRecorded>()

  /** Its questions, in the order in which they were asked. */
  get questions(): readonly CallQuestion[] {
    return [...this.#questions.values()]
  }

  /** Those that wait for an answer. */
  get openQuestions(): readonly CallQuestion[] {
    return this.questions.filter(({ answer }) => answer === undefined)
  }

  /**
   * Whether the call has asked, and is not known to have done anything since, nor beside it: it may be made again from
   * its start, and comes to the question again.
   */
  get isStanding(): boolean {
    return this.questions.some(({ held, isStanding }) => isStanding && !held)
  }

  /** What the call need not do again, where it goes on from a question; `undefined` where it begins anew. */
  get effects(): CallEffects | undefined {
    return this.#questions.size === 0 ? undefined : new Map(this.#effects)
  }

  /**
   * Takes in what the call has recorded, or what was recorded for it.
   *
   * @param keeps - whether anything but questions and answers is of use later on.
   */
  note(effect: SideEffectRecorded, keeps: boolean): void {
    if (effect.name === QUESTION) this.#ask(effect)
    else if (effect.name === ANSWER) this.#answer(effect)
    else if (!keeps) return
    this.#effects.set(effectKey(effect), effect)
  }

  /** The call is made again: a call that has asked goes on from there, any other begins anew. */
  reissue(): void {
    if (this.#questions.size === 0) this.clear()
    for (const question of this.#questions.values()) question.isStanding = question.answer === undefined
  }

  /** The call was cut off while it did something beside its questions. */
  disturb(): void {
    for (const question of this.#questions.values()) question.isStanding = false
  }

  /** The call begins anew. */
  clear(): void {
    this.#questions.clear()
    this.#effects.clear()
  }

  #ask({ value, ordinal = 0 }: SideEffectRecorded): void {
    const asked = decodeQuestion(value)
    if (asked === undefined) return
    this.#questions.set(ordinal, { ...asked, ordinal, answer: undefined, isStanding: true })
    // Another question in the place of one that has its answer.
    this.#effects.delete(effectKey({ name: ANSWER, ordinal }))
  }

  #answer({ value, ordinal = 0 }: SideEffectRecorded): void {
    const question = this.#questions.get(ordinal)
    if (question === undefined) return
    question.answer = decodeAnswer(value)
    if (!question.answer.outside) question.isStanding = false
  }
}

/** Whether an answer was recorded by a process that did not work on the run. */
export function isAnswerFromOutside({ name, value }: SideEffectRecorded): boolean {
  return name === ANSWER && decodeAnswer(value).outside
}

/** The hash by which a decision names the question that it answers, in hex. */
export function questionHash({ question }: Pick<OpenQuestion, 'question'>): string {
  return toHex(hashQuestion(question))
}
