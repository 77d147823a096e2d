import { join } from 'node:path'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { agent, isLive } from '../agent.ts'
import { crashAndResume } from './crash-and-resume.ts'
import { recordRun } from './record-run.ts'
import { tamper } from './tamper.ts'
import { fit, paint, say, sayTitle, shortPath } from './terminal.ts'
import { replay, validate } from './verify-run.ts'
import { sayWhatNext } from './what-next.ts'

const RUN = 'outage-1'
const CRASHED_RUN = 'outage-2'

/** Shows the whole story in an empty directory; rejects as soon as something is not as it should be. */
export async function demo(directory: string): Promise<void> {
  const path = join(directory, 'runs.db')
  const tampered = join(directory, 'tampered.db')
  sayIntroduction(path)
  await using log = await openSqliteEventLog({ path })
  await recordRun(log, RUN)

  sayTitle(2, 'Validate: nothing was lost or changed')
  await validate(log, RUN)

  sayTitle(3, 'Replay: the recording alone gives the same run')
  await replay(log, RUN)

  sayTitle(4, 'Crash: kill a run in the middle of a tool call, resume it in another process')
  await crashAndResume({ log, path, runId: CRASHED_RUN, journal: join(directory, 'executions.ndjson') })
  await validate(log, CRASHED_RUN)
  await replay(log, CRASHED_RUN)

  sayTitle(5, 'Tamper: one changed byte in a copy of the log')
  await tamper({ log, path, copy: tampered, runId: RUN })

  sayWhatNext({ path, tampered, runId: RUN, resumedRunId: CRASHED_RUN })
}

function sayIntroduction(path: string): void {
  const endpoint = isLive ? (process.env['OPENAI_BASE_URL'] ?? 'api.openai.com') : 'a scripted endpoint on this machine'
  console.log(paint('bold', 'Starling: an incident, triaged by an agent you can trust'))
  say(`model  ${agent.model} at ${fit(endpoint, 70)}`)
  if (!isLive) say('       (OPENAI_API_KEY, and OPENAI_BASE_URL and OPENAI_MODEL, take a real one)')
  say(`log    ${shortPath(path)}`)
}
