import { EXAMPLE } from '../paths.ts'
import { paint, say, sayTitle, shortPath } from './terminal.ts'

/** What {@link sayWhatNext} names. */
export interface Leftovers {
  readonly path: string
  readonly tampered: string
  readonly runId: string
  readonly resumedRunId: string
}

/** Prints commands that go on from here, as they can be pasted where the person is. */
export function sayWhatNext({ path, tampered, runId, resumedRunId }: Leftovers): void {
  const log = shown(path)
  const starling = 'npm run -s starling --'
  sayTitle(6, 'What to try next')
  const commands = [
    `${starling} list ${log}`,
    `${starling} show ${log} ${resumedRunId}`,
    `${starling} export ${log} ${runId}`,
    `${starling} validate ${shown(tampered)}`,
    `${starling} replay --agent ${shown(`${EXAMPLE}src/agent.ts`)} \\\n     ${log} ${runId}`,
    `${starling} init my-agent`,
  ]
  for (const command of commands) say(paint('cyan', command))
}

function shown(path: string): string {
  const short = shortPath(path)
  return /[^\w./@:-]/.test(short) ? JSON.stringify(short) : short
}
