import { KIND } from '@starling/event'
import { APPROVAL, encodeApproval } from './approval.ts'
import type { Input } from './inputs.ts'
import { redactDecision } from './redact-decision.ts'
import type { Session } from './session.ts'
import { stageCancelled, stageDeadline, stageFailedAs } from './terminal.ts'

/** Makes durable what came in, at once: decisions that were made together stay together. Whoever decided is told. */
export async function acknowledge({ recorder }: Session, decided: (() => void)[]): Promise<void> {
  await recorder.flush()
  for (const recorded of decided.splice(0)) recorded()
}

/** Records something from outside. */
export function takeInput(session: Session, input: Exclude<Input, { type: 'end' | 'suspend' }>): void {
  const { recorder, state } = session
  switch (input.type) {
    case 'message':
      recorder.stage(KIND.UserMessageAppended, { content: input.content, attachments: input.attachments })
      break
    case 'decision': {
      const { callId, outside = false } = input
      const call = state.findPending(callId)
      const tool = call?.tool ?? ''
      const decision = outside ? input.decision : redactDecision(session.setup.tools, tool, input.decision)
      const { args = new Uint8Array() } = call ?? {}
      const value = encodeApproval(decision, { args, engine: session.engine, outside })
      recorder.stage(KIND.SideEffectRecorded, { name: APPROVAL, value, callId })
      break
    }
    case 'answer':
      recorder.stage(KIND.SideEffectRecorded, input.recorded)
      break
    case 'cancel':
      stageCancelled(session, input.reason)
      break
    case 'deadline':
      stageDeadline(session, input.recorded?.actual)
      if (!recorder.replaying) stageFailedAs(session, { error: 'step: budget exceeded', errorType: 'budget' })
      break
    case 'resumed':
      recorder.stage(KIND.RunResumed, {
        atSeq: recorder.lastSeq,
        extraMessage: input.message,
        reissueTools: input.reissueTools,
        pendingCalls: state.openSchedules,
      })
      break
    case 'fault':
      stageFailedAs(session, input.failed)
      break
  }
}
