import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder that goes away by itself. */
export interface TempFolder extends AsyncDisposable {
  readonly path: string
  /** The absolute path of something in it. */
  at(...names: readonly string[]): string
}

/** Makes a folder with these files in it; names may have slashes, and one that ends with a slash is a folder. */
export async function openTempFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'starling-tools-')))
  for (const [name, contents] of Object.entries(files)) {
    const target = join(path, name)
    await mkdir(name.endsWith('/') ? target : dirname(target), { recursive: true })
    if (!name.endsWith('/')) await writeFile(target, contents)
  }
  return {
    path,
    at: (...names) => join(path, ...names),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
