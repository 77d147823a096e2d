import type { AgentDefinition } from '@starling/core'
import type { Provider } from '@starling/provider'
import { wrap } from '@starling/tool'

/** How often an agent reached outside. */
export interface CallCounts {
  models: number
  tools: number
}

/** Returns the same agent with its calls of the model and of tools counted. */
export function countCalls(definition: AgentDefinition): { counted: AgentDefinition; counts: CallCounts } {
  const counts: CallCounts = { models: 0, tools: 0 }
  const { info, capabilities } = definition.provider
  const provider: Provider = {
    info,
    capabilities,
    stream(request, options) {
      counts.models += 1
      return definition.provider.stream(request, options)
    },
  }
  const tools = (definition.tools ?? []).map((tool) =>
    wrap(tool, (input, context, next) => {
      counts.tools += 1
      return next(input, context)
    }),
  )
  return { counted: { ...definition, provider, tools }, counts }
}
