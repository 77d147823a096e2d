import type { AgentDefinition } from '@starling/core'

/** What `starling.config.ts` may hold: defaults for the command line in this directory. */
export interface StarlingConfig {
  /** The agent module, from this directory, or the agent itself. */
  readonly agent?: string | AgentDefinition | undefined
  /** The log: a file, from this directory, or a URL such as `postgres://user@host/database`. */
  readonly db?: string | undefined
}

/** Types a configuration; `starling.config.ts` exports the result as `config`. */
export function defineConfig(config: StarlingConfig): StarlingConfig {
  return config
}
