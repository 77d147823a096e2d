import type { AgentDefinition } from '@starling/core'
import { createScriptedProvider } from '@starling/provider/scripted'

/** An agent whose model answers once `beforeAnswer` allows it. */
export function toContender(beforeAnswer: () => Promise<void>): AgentDefinition {
  const provider = createScriptedProvider({
    async turns() {
      await beforeAnswer()
      return { text: 'It was mine.', usage: { input: 5, output: 3 } }
    },
  })
  return { provider, model: 'scripted-1' }
}
