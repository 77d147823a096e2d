import { bundleProgram, runProgram, type ProcessEnd } from '../programs.ts'

/** Runs a TypeScript file of this folder on the sources of the workspace, with one JSON argument. */
export async function runChild(file: string, argument: unknown): Promise<ProcessEnd> {
  const path = await bundleProgram(new URL(file, import.meta.url), file.replace(/\.ts$/, ''))
  return runProgram(path, [JSON.stringify(argument)])
}
