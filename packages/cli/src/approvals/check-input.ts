import type { AgentDefinition, ApprovalChoice, RunState } from '@starling/core'
import { CliError } from '../cli-error.ts'
import { checkArguments } from '../form/check-arguments.ts'
import type { FoundCall } from './find-calls.ts'

/** The sources of tools that a run has on record. */
export type RecordedSources = NonNullable<NonNullable<RunState['started']>['toolSources']>

/** Where the schema of a call's tool may be found. */
export interface KnownTools {
  /** The agent, where one is at hand. */
  readonly definition: Pick<AgentDefinition, 'tools' | 'toolSources'> | undefined
  readonly sources: RecordedSources
}

/**
 * Holds the arguments that are put in place of the model's against what the tool
 * takes. Without its agent they must be a JSON object all the same.
 *
 * @throws {@link CliError} `CLI_USAGE`, with a line for each problem.
 */
export function checkInput(calls: readonly FoundCall[], choice: ApprovalChoice, known: KnownTools): void {
  if (choice.decision !== 'approve' || choice.input === undefined) return
  const { input } = choice
  for (const { callId, tool, question } of calls) {
    // What answers a question is held against its form.
    if (question !== undefined) continue
    const details = checkArguments(input, tool === undefined ? undefined : schemaOf(tool, known))
    if (details.length === 0) continue
    const what = tool === undefined ? `call ${callId}` : `${tool}, which call ${callId} is of`
    throw new CliError('CLI_USAGE', `the arguments do not fit ${what}; nothing was recorded`, { details })
  }
}

function schemaOf(tool: string, { definition, sources }: KnownTools): string | undefined {
  const own = definition?.tools?.find(({ name }) => name === tool)
  if (own !== undefined) return own.inputSchema
  for (const { name, catalogue } of sources) {
    const source = definition?.toolSources?.find((one) => one.name === name)
    const restored = source === undefined ? undefined : restore(source, catalogue).find((one) => one.name === tool)
    if (restored !== undefined) return restored.inputSchema
  }
  return undefined
}

/** A source that does not know its own tools any more is told so when the run goes on. */
function restore(
  source: NonNullable<AgentDefinition['toolSources']>[number],
  catalogue: string,
): ReturnType<typeof source.restore> {
  try {
    return source.restore(catalogue)
  } catch {
    return []
  }
}
