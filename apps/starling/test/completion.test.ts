import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callAll } from './support/call.ts'

const ZSH_DRIVER = fileURLToPath(new URL('support/complete.zsh', import.meta.url))

/** How each shell is asked what it would make of a line; the answer is the completed last word. */
const COMPLETE: Readonly<Record<string, (line: string) => Promise<string>>> = {
  bash: async (line) => {
    const words = line.split(' ').map((word) => `'${word}'`)
    const ask = `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _starling; printf '%s\\n' "\${COMPREPLY[@]}"`
    return run('bash', ['--norc', '-c', `source ../scripts/bash; ${ask}`])
  },
  zsh: async (line) => {
    const completed = await run('zsh', ['-f', ZSH_DRIVER, join(directory, 'zsh'), line])
    const [, word = ''] = /((?:\\.|[^\s\\])+)$/.exec(completed.trimEnd()) ?? []
    return word.replaceAll('\\', '')
  },
  fish: async (line) => {
    const offered = await run('fish', ['-c', `source ../scripts/fish; complete -C '${line}'`])
    return offered
      .split('\n')
      .map((offer) => offer.split('\t', 1)[0])
      .join('\n')
  },
}

// What a machine does not have cannot be asked; bash is everywhere where these tests run.
const SHELLS = Object.keys(COMPLETE).filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0)

let directory: string
let here: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-completion-'))
  here = join(directory, 'here')
  for (const folder of ['here', 'scripts', 'zsh']) await mkdir(join(directory, folder))
  await writeFile(join(here, 'with a space.db'), '')
  const scripts = await callAll(Object.keys(COMPLETE).map((shell) => ({ argv: ['completion', shell] })))
  for (const [index, shell] of Object.keys(COMPLETE).entries()) {
    await writeFile(join(directory, 'scripts', shell), scripts[index]?.stdout ?? '')
  }
  // Of $fpath, as the help of the command says.
  await writeFile(join(directory, 'zsh', '_starling'), scripts[1]?.stdout ?? '')
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

test.each(
  SHELLS.flatMap((shell) =>
    [
      ['starling va', 'validate'],
      ['starling validate --js', '--json'],
      ['starling help sch', 'schema-version'],
      ['starling completion f', 'fish'],
      ['starling export --format ra', 'raw'],
      ['starling list --status in', 'in-progress'],
      ['starling validate with', 'with a space.db'],
      ['starling copy with', 'with a space.db'],
      ['starling list postg', 'postgres://'],
      ['starling list --db postg', 'postgres://'],
      ['starling copy --dr', '--dry-run'],
      ['starling search --run stats --ki', '--kind'],
    ].map(([line = '', completed = '']) => [shell, line, completed] as const),
  ),
)('%s completes %s', async (shell, line, completed) => {
  expect(await COMPLETE[shell]?.(line)).toBe(completed)
})

async function run(file: string, args: readonly string[]): Promise<string> {
  // Shells keep histories and caches at home, and colours depend on the terminal.
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory, TERM: 'dumb' }
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd: here, env, timeout: 30_000 }, (error, stdout) => {
      if (error === null) resolve(stdout.trimEnd())
      else reject(error)
    })
  })
}
