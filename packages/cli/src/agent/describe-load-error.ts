import { execFile } from 'node:child_process'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The module that failed to load. */
export interface FailedModule {
  /** As the user named it. */
  readonly file: string
  /** The same, absolute. */
  readonly path: string
  readonly cwd: string
}

/** Returns one line about why a module could not be loaded: where, what, and what to do. */
export async function describeLoadError(error: unknown, failed: FailedModule): Promise<string> {
  if (!(error instanceof Error)) return `${failed.file} threw ${String(error)} while loading`
  const code = 'code' in error ? error.code : undefined
  if (code === 'ERR_MODULE_NOT_FOUND') return describeMissing(error.message, failed.cwd)
  const place = placeOf(error, failed) ?? (error instanceof SyntaxError ? await findSyntaxError(failed) : undefined)
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return `${place ?? failed.file}: ${error.message}; Node only strips types, so write it without enums, namespaces, parameter properties and decorators`
  }
  if (error instanceof SyntaxError)
    return `${place ?? `${failed.file}, or a module it imports`}: syntax error: ${error.message}`
  return `${failed.file} failed while loading: ${error.message}${place === undefined ? '' : ` (${place})`}`
}

/** Node's own words name the importer by its whole path and do not say what to do. */
function describeMissing(message: string, cwd: string): string {
  const [, kind, wanted = '', importer = ''] =
    /^Cannot find (package|module) '(.+?)' imported from (.+)$/s.exec(message) ?? []
  if (kind === 'package') {
    const [name] = /^(?:@[^/]+\/)?[^/]+/.exec(wanted) ?? [wanted]
    return `${shorten(importer, cwd)} imports ${wanted}, which is not installed; run \`npm install ${name}\` there`
  }
  if (kind === 'module') return `${shorten(importer, cwd)} imports ${shorten(wanted, cwd)}, which does not exist`
  return message
}

/** The first place in the stack that belongs to the user, as `file:line`. */
function placeOf(error: Error, { cwd }: FailedModule): string | undefined {
  const stack = error.stack ?? ''
  // A syntax error's stack begins with the place itself.
  const decorated = /^((?:file:\/\/|\/|[A-Za-z]:\\).*?):(\d+)$/m.exec(stack.split('\n', 1)[0] ?? '')
  const frame = decorated ?? /^\s+at (?:.*? )?\(?(file:\/\/.*?):(\d+):\d+\)?$/m.exec(stack)
  const [, file, line] = frame ?? []
  return file === undefined || line === undefined ? undefined : `${shorten(file, cwd)}:${line}`
}

/** Plain JavaScript modules fail without a place; the parser of a second process tells it. */
async function findSyntaxError({ path, cwd }: FailedModule): Promise<string | undefined> {
  const stderr = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--check', path], { timeout: 10_000 }, (_error, _stdout, text) => resolve(text))
  })
  const [, file, line] = /^(.+?):(\d+)$/m.exec(stderr) ?? []
  return file === undefined || line === undefined ? undefined : `${shorten(file, cwd)}:${line}`
}

function shorten(file: string, cwd: string): string {
  const path = file.startsWith('file://') ? fileURLToPath(file) : file
  const short = relative(cwd, path)
  return short === '' || short.startsWith('..') ? path : short
}
