import { execFile } from 'node:child_process'
import { dirname, delimiter, join } from 'node:path'

/** The root of the checkout. */
export const ROOT: string = join(import.meta.dirname, '..', '..', '..')

/** Runs a tool to its end and returns what it printed; rejects with all of it when the tool fails. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string | undefined } = {},
): Promise<string> {
  const path = [dirname(process.execPath), join(ROOT, 'node_modules', '.bin'), process.env['PATH'] ?? '']
  const env = { ...process.env, PATH: path.join(delimiter), TURBO_TELEMETRY_DISABLED: '1' }
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd: options.cwd ?? ROOT, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command} ${args.join(' ')} failed\n${stdout}${stderr}`, { cause: error }))
    })
  })
}
