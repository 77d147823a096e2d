import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EXIT } from '../src/index.ts'
import { call, documents, lines, type CallOptions, type CallResult } from './support/call.ts'

let cwd = ''

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'starling-init-'))
})

afterEach(async () => rm(cwd, { recursive: true }))

async function init(argv: readonly string[], options: CallOptions = {}): Promise<CallResult> {
  return call(['init', ...argv], { cwd, ...options })
}

describe('init', () => {
  test('makes the directory, and says what it wrote and what comes next', async () => {
    const { code, stdout, stderr } = await init(['deep/in/my agent'])
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
    const written = await readdir(join(cwd, 'deep/in/my agent'))
    expect(lines(stdout)[0]).toMatch(/^wrote .* to deep\/in\/my agent$/)
    for (const file of written) expect(lines(stdout)[0]).toContain(file)
    expect(lines(stdout).slice(2)).toEqual([
      'Next:',
      "  cd 'deep/in/my agent'",
      '  npm start -- "to be or not to be"',
      '  npm test',
    ])
  })

  test('in the directory where one stands needs no cd', async () => {
    expect((await init([])).stdout).not.toContain('  cd ')
    expect(await readdir(cwd)).toContain('package.json')
  })

  test('--json is one document with the directory and the files', async () => {
    const { stdout } = await init(['x', '--json'])
    expect(documents(stdout)).toEqual([{ dir: join(cwd, 'x'), files: expect.arrayContaining(['package.json']) }])
    const [{ files }] = documents(stdout)
    expect(new Set(await readdir(join(cwd, 'x')))).toEqual(new Set(files))
  })

  test.each([
    ['My Agent!', 'my-agent'],
    ['.hidden', 'hidden'],
    ['ünï', 'n'],
    ['日本', 'my-agent'],
  ])('names the package of %s %s', async (directory, name) => {
    await init([directory])
    expect(JSON.parse(await readFile(join(cwd, directory, 'package.json'), 'utf8'))).toMatchObject({ name })
  })

  test('from the registry it depends on what is published, with the version of the command line', async () => {
    const home = 'file:///usr/lib/node_modules/starling/dist/main.js'
    await init(['x'], { modules: { base: home, register: home } })
    const { dependencies, scripts } = JSON.parse(await readFile(join(cwd, 'x/package.json'), 'utf8'))
    expect(dependencies).toMatchObject({ starling: expect.stringMatching(/^\^\d/), zod: expect.any(String) })
    expect(dependencies['@starling/core']).toBe(dependencies.starling)
    expect(JSON.stringify(scripts)).not.toContain(process.execPath)
  })
})

describe('what is there already is never overwritten', () => {
  test('a file of the same name: nothing at all is written', async () => {
    await writeFile(join(cwd, 'package.json'), 'mine')
    const { code, stderr } = await init([])
    expect(code).toBe(EXIT.failure)
    expect(stderr).toBe('starling: . already has package.json; choose an empty directory, nothing was written\n')
    expect(await readdir(cwd)).toEqual(['package.json'])
    expect(await readFile(join(cwd, 'package.json'), 'utf8')).toBe('mine')
  })

  test('other files stay beside it', async () => {
    await mkdir(join(cwd, 'x'))
    await writeFile(join(cwd, 'x/notes.txt'), 'mine')
    expect((await init(['x'])).code).toBe(EXIT.ok)
    expect(await readFile(join(cwd, 'x/notes.txt'), 'utf8')).toBe('mine')
  })

  test('a file where the directory should be is named', async () => {
    await writeFile(join(cwd, 'x'), '')
    expect(await init(['x'])).toMatchObject({
      code: EXIT.failure,
      stderr: 'starling: x is a file; name a directory\n',
    })
    const below = await init(['x/y', '--json'])
    expect(documents(below.stderr)).toEqual([{ error: { code: expect.any(String), message: expect.any(String) } }])
  })
})
