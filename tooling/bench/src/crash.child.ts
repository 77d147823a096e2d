/**
 * Starts a run, or takes it up again, and writes down every call when it begins: `crash.child.ts <folder> <turns>
 * <turn to die after, 0 for none>`. It dies by SIGKILL once the outcome of that turn's tool is durable.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { KIND } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { createWorker } from './work.ts'

const RUN_ID = 'the-run'
const [folder = '', turns = '', dieAfter = ''] = process.argv.slice(2)
const journal = join(folder, 'calls')

await using file = await openSqliteEventLog({ path: join(folder, 'log.db') })
const log = Number(dieAfter) > 0 ? dieAfterTool(file, Number(dieAfter)) : file
const agent = createWorker(
  log,
  { turns: Number(turns), bytes: 1024 },
  { onModelCall: (turn) => note('model', turn), onToolCall: (turn) => note('tool', turn) },
)
const isNew = Number(dieAfter) > 0
await (isNew ? agent.runWithId(RUN_ID, 'Do the work.') : agent.resume(RUN_ID).result)

function note(what: string, turn: number): void {
  appendFileSync(journal, `${what} ${turn} ${performance.timeOrigin + performance.now()}\n`)
}

function dieAfterTool(inner: EventLog, limit: number): EventLog {
  let outcomes = 0
  return new Proxy(inner, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'append') return value.bind(target)
      return async (...args: Parameters<EventLog['append']>): Promise<void> => {
        await target.append(...args)
        const events = Array.isArray(args[1]) ? args[1] : [args[1]]
        outcomes += events.filter(({ kind }) => kind === KIND.ToolCallCompleted).length
        if (outcomes >= limit) process.kill(process.pid, 'SIGKILL')
      }
    },
  })
}
