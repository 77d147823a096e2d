// Bundles the program into dist: as one hundred and forty modules, `starling validate` spends four fifths
// of its time in loading them. Commands stay apart, so that each call reads only what it needs.
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const { metafile } = await bundle()
writeFileSync('dist/THIRD_PARTY_LICENSES', licensesOf(Object.keys(metafile.inputs)))

async function bundle(): Promise<{ readonly metafile: { readonly inputs: Readonly<Record<string, unknown>> } }> {
  for (const stale of globSync('dist/*.{js,js.map}')) rmSync(stale)
  return build({
    entryPoints: ['src/main.ts', 'src/register.ts'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.14',
    conditions: ['@starling/source'],
    // The binary of the one stands beside its own files; the other is CommonJS, and asks for modules as it runs.
    external: ['better-sqlite3', 'pg'],
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    metafile: true,
  })
}

/** What is bundled is distributed: its licences go with it. */
function licensesOf(files: readonly string[]): string {
  const roots = new Set(files.map((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? ''))
  roots.delete('') // our own sources
  const texts: string[] = []
  for (const root of [...roots].toSorted((a, b) => (a < b ? -1 : 1))) {
    const license = ['LICENSE', 'LICENSE.md', 'LICENSE.txt']
      .map((name) => `${root}/${name}`)
      .find((file) => existsSync(file))
    if (license === undefined) throw new Error(`${root} is bundled and has no licence file`)
    texts.push(`${root.slice(root.lastIndexOf('node_modules/') + 13)}\n\n${readFileSync(license, 'utf8').trim()}\n`)
  }
  return texts.join('\n---\n\n')
}
