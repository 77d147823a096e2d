import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { check } from './demo-failure.ts'
import { WorkerMessageSchema, type WorkerMessage } from './worker-message.ts'

/** What a worker works on. */
export interface WorkerTask {
  readonly task: 'run' | 'resume'
  /** The file of the log. */
  readonly path: string
  readonly runId: string
  /** The file of the journal. */
  readonly journal: string
}

/** How a worker ended. */
export interface WorkerEnd {
  readonly pid: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last line it wrote to standard error that says something. */
  readonly complaint: string
}

/** Runs a worker to its end; `onMessage` sees everything it reports and may kill it. */
export async function runWorker(
  { task, path, runId, journal }: WorkerTask,
  onMessage: (message: WorkerMessage, worker: ChildProcess) => void,
): Promise<WorkerEnd> {
  const script = fileURLToPath(new URL('worker.ts', import.meta.url))
  const worker = fork(script, [task, path, runId, journal], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  worker.on('message', (message) => onMessage(WorkerMessageSchema.parse(message), worker))
  let stderr = ''
  worker.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const { promise, resolve, reject } = Promise.withResolvers<[number | null, NodeJS.Signals | null]>()
  worker.once('error', reject)
  worker.once('close', (code, signal) => resolve([code, signal]))
  const [code, signal] = await promise
  check(worker.pid !== undefined, 'a worker process did not start')
  const lines = stripVTControlCharacters(stderr).split('\n')
  const complaint = lines.find((line) => /\bError\b.*: /.test(line)) ?? lines.find((line) => line.trim() !== '') ?? ''
  return { pid: worker.pid, code, signal, complaint }
}
