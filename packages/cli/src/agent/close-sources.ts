import type { AgentDefinition } from '@starling/core'
import type { Invocation } from '../command.ts'
import { warn } from '../output/warn.ts'
import { messageOf } from '../report-failure.ts'

// Whoever terminates a process kills it before long: a source that hangs must not be what it waits for.
const GRACE_MS = 5000

/** How the sources are closed. */
export interface SourceOptions extends Pick<Invocation, 'out'> {
  readonly io: Pick<Invocation['io'], 'stderr'>
  /** How long they are waited for, in milliseconds. Default: 5,000. */
  readonly graceMs?: number | undefined
}

/**
 * Does some work with an agent and then, however it went, closes the agent's
 * tool sources, so that no server that they started stays behind.
 */
export async function withSources<T>(
  definition: Pick<AgentDefinition, 'toolSources'> | undefined,
  options: SourceOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } finally {
    await closeSources(definition?.toolSources ?? [], options)
  }
}

async function closeSources(
  sources: NonNullable<AgentDefinition['toolSources']>,
  { io, out, graceMs = GRACE_MS }: SourceOptions,
): Promise<void> {
  const late = Promise.withResolvers<string>()
  const timer = setTimeout(() => late.resolve(`does not close within ${graceMs} ms`), graceMs)
  const problems = await Promise.all(
    sources.map(async (source) => {
      const closed = Promise.resolve().then(async () => source.close())
      const problem = await Promise.race([closed.then(() => undefined, messageOf), late.promise])
      return problem === undefined ? [] : [`tool source ${JSON.stringify(source.name)}: ${problem}`]
    }),
  )
  clearTimeout(timer)
  for (const message of problems.flat()) await warn({ io, out }, { code: 'CLI_TOOL_SOURCE', message })
}
