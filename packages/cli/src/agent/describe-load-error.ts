import { execFile } from 'node:child_process'
import { dirname, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

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
  if (error instanceof SyntaxError) {
    const text = `${place ?? `${failed.file}, or a module it imports`}: syntax error: ${error.message}`
    const [, name] = /does not provide an export named '([A-Z]\w*)'/.exec(error.message) ?? []
    // Node strips types without knowing which imports are types.
    return name === undefined ? text : `${text}; if ${name} is a type, write \`import type { ${name} }\``
  }
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
export function placeOf(error: Error, { path, cwd }: Omit<FailedModule, 'file'>): string | undefined {
  const stack = error.stack ?? ''
  // A syntax error's stack begins with the place itself.
  const decorated = /^((?:file:\/\/|\/|[A-Za-z]:\\).*?):(\d+)$/m.exec(stack.split('\n', 1)[0] ?? '')
  const frames = decorated === null ? [...stack.matchAll(FRAME)] : [decorated]
  // An error may come from a library: what matters is where the user's code called it.
  const home = pathToFileURL(`${dirname(path)}/`).href
  const isOwn = (frame: RegExpExecArray): boolean =>
    (frame[1] ?? '').startsWith(home) && !(frame[1] ?? '').includes('/node_modules/')
  const [, file, line] = frames.find(isOwn) ?? frames[0] ?? []
  return file === undefined || line === undefined ? undefined : `${shorten(file, cwd)}:${line}`
}

const FRAME = /^\s+at (?:.*? )?\(?(file:\/\/.*?):(\d+):\d+\)?$/gm

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
