// Runs many calls of the command line in one real Node process: starting one for each would take most of
// the time. Reads the calls from stdin and prints their results, both as JSON.
import { text } from 'node:stream/consumers'
import { runCli, type CliIo } from '@starling/cli'
import { createLogStore } from '../../src/log-store.ts'
import type { Call, CallResult } from './call.ts'

const calls: readonly Call[] = JSON.parse(await text(process.stdin))
const results: CallResult[] = []
for (const call of calls) results.push(await run(call))
process.stdout.write(JSON.stringify(results))

async function run(call: Call): Promise<CallResult> {
  const stdout: string[] = []
  const stderr: string[] = []
  const cwd = call.cwd ?? process.cwd()
  process.chdir(cwd)
  const io: CliIo = {
    stdout: { isTTY: call.isTTY ?? false, write: (part) => void stdout.push(part) },
    stderr: { isTTY: call.isTTY ?? false, write: (part) => void stderr.push(part) },
    stdin: once(call.stdin ?? ''),
    ...(call.answers === undefined ? {} : { ask: answering(call.answers) }),
    user: 'ada@test',
    env: call.env ?? {},
    cwd,
    store: createLogStore(),
    nowMs: () => Date.now(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    onInterrupt: () => () => {},
    modules: {
      base: new URL('../../src/main.ts', import.meta.url).href,
      register: new URL('../../src/register.ts', import.meta.url).href,
    },
  }
  const code = await runCli(call.argv, io)
  return { code, stdout: stdout.join(''), stderr: stderr.join('') }
}

function answering(answers: readonly string[]): NonNullable<CliIo['ask']> {
  const left = [...answers]
  return async () => left.shift() ?? ''
}

async function* once(part: string): AsyncIterable<string> {
  if (part !== '') yield part
}
