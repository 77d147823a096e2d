import { createAgent, type AgentDefinition } from '@starling/core'
import { createMemoryEventLog } from '@starling/eventlog/memory'

/**
 * Checks that an agent can be made of a definition, before a log is created
 * for it: a mistake must not leave an empty log behind.
 *
 * @throws {@link CoreError} `CORE_INVALID_OPTIONS`
 */
export function checkAgent(definition: AgentDefinition): void {
  createAgent({ ...definition, log: createMemoryEventLog() })
}
