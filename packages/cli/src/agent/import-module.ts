import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { printableLine } from '../output/printable.ts'
import { messageOf } from '../report-failure.ts'
import { describeLoadError, placeOf, type FailedModule } from './describe-load-error.ts'
import { resolvePackagesFrom } from './resolve-packages.ts'

/**
 * Loads a module of the user, TypeScript included, on Node's own type stripping.
 *
 * @throws {@link CliError} `CLI_FILE_NOT_FOUND`, or `CLI_AGENT_LOAD` with the place of the fault.
 */
export async function importModule(file: string, io: CliIo): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(io.cwd, file)
  const found = await stat(path).catch(() => undefined) // Whatever the reason, it cannot be loaded.
  if (found === undefined) throw new CliError('CLI_FILE_NOT_FOUND', `no module ${file}; check the path`)
  if (found.isDirectory())
    throw new CliError('CLI_AGENT_LOAD', `${file} is a directory; name the module, such as ${file}/agent.ts`)
  if (/\.[cm]?ts$/.test(file) && process.features.typescript === false) {
    throw new CliError(
      'CLI_AGENT_LOAD',
      `Node ${process.versions.node} cannot load ${file}; use Node 22.18 or newer, or write it in .js`,
    )
  }
  resolvePackagesFrom(io.modules.base)
  const settled = watchProcess(file)
  reportUncaught({ file, path, cwd: io.cwd })
  try {
    const loaded: unknown = await import(pathToFileURL(path).href)
    return typeof loaded === 'object' && loaded !== null ? { ...loaded } : {}
  } catch (cause) {
    throw new CliError('CLI_AGENT_LOAD', await describeLoadError(cause, { file, path, cwd: io.cwd }), { cause })
  } finally {
    settled()
  }
}

/**
 * Says so when the process ends while the module loads, because a top-level
 * await of it never settles or its code ends the process; otherwise it would
 * end without a word.
 */
function watchProcess(file: string): () => void {
  let idle = false
  // Not emitted when the process is made to end.
  const atIdle = (): void => {
    idle = true
  }
  const atExit = (): void => {
    process.exitCode = 1
    if (last.reported) return
    const why = idle
      ? 'never finished loading; a top-level await in it does not settle'
      : 'ended the process while loading; an agent module must not call process.exit'
    process.stderr.write(`starling: ${file} ${why}\n`)
  }
  process.once('beforeExit', atIdle)
  process.once('exit', atExit)
  return () => {
    process.off('beforeExit', atIdle)
    process.off('exit', atExit)
  }
}

// What the one listener for uncaught errors needs to know.
const last: { module?: FailedModule; reported: boolean } = { reported: false }

/**
 * From here on code of the user may fail where nobody waits for it, in a timer
 * or a promise: the process ends as Node would end it, but with one clear line.
 */
function reportUncaught(module: FailedModule): void {
  const isFirst = last.module === undefined
  last.module = module
  if (!isFirst) return
  process.on('uncaughtException', (error, origin) => {
    const { file, path, cwd } = last.module ?? module
    const place = error instanceof Error ? placeOf(error, { path, cwd }) : undefined
    const what = origin === 'unhandledRejection' ? 'left a rejection unhandled' : 'threw where nothing catches it'
    const where = place === undefined ? '' : ` (${place})`
    process.stderr.write(`starling: ${file} ${what}: ${printableLine(messageOf(error))}${where}\n`)
    last.reported = true
    process.exit(1)
  })
}
