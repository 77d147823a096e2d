import type { ToolAnswer } from '@starling/tool'
import { refuse } from './agent-options.ts'
import type { GivenDecision } from './approval.ts'
import { checkForm } from './question.ts'
import type { GivenAnswer, OpenQuestion } from '@starling/step'

/**
 * The answer that a decision gives to a question.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for a decision that answers no such question.
 */
export function answerIn(
  { callId, decision }: Pick<GivenDecision, 'callId' | 'decision'>,
  { question }: OpenQuestion,
): GivenAnswer {
  const { by, reason } = decision
  if (decision.decision === 'deny') return { answer: { action: 'decline' }, by, reason }
  if (decision.decision === 'answer') {
    return refuse(`call ${callId} waits for an answer to its question: approve it with the answer as input, or deny it`)
  }
  const { input } = decision
  if (question.type === 'form') return { answer: { action: 'accept', content: checkForm(input ?? '{}') }, by, reason }
  if (input !== undefined) refuse(`the question of call ${callId} is a visit to an address, which takes no input`)
  return { answer: { action: 'accept' }, by, reason }
}

/** Whether two answers come to the same, whoever gave them. */
export function isSameAnswer(a: ToolAnswer, b: ToolAnswer): boolean {
  return a.action === b.action && a.content === b.content
}
