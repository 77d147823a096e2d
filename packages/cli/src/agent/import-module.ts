import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { describeLoadError } from './describe-load-error.ts'
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
  const settled = watchForHang(file)
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
 * Says so when the process is about to end because a top-level await of the
 * module never settles; otherwise it would end without a word.
 */
function watchForHang(file: string): () => void {
  const atExit = (): void => {
    process.exitCode = 1
    process.stderr.write(`starling: ${file} never finished loading; a top-level await in it does not settle\n`)
  }
  process.once('exit', atExit)
  return () => {
    process.off('exit', atExit)
  }
}
