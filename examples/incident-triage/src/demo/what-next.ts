import { relative } from 'node:path'
import { EXAMPLE } from '../paths.ts'
import { paint, say, sayTitle } from './terminal.ts'

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

/** Paths as seen from where the person called npm, which changes folders itself. */
function shown(path: string): string {
  const inside = relative(process.env['INIT_CWD'] ?? process.cwd(), path)
  return /[^\w./@:-]/.test(inside) ? JSON.stringify(inside) : inside
}
