import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { callerFolder } from '../src/jobs.mjs'
import { ROOT } from '../src/workspace.mjs'

const MAIN = join(import.meta.dirname, '..', 'main.mjs')

test('an unknown job is one line and exit code 2', () => {
  const { status, stdout, stderr } = runMain(['dance'])
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^starling: unknown job "dance"; usage: .*\n$/)
})

test('a Node that is too old is one line and exit code 1', () => {
  const old = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"16.20.2"}})'
  const { status, stderr } = runMain([], ['--import', `data:text/javascript,${old}`])
  expect(status).toBe(1)
  expect(stderr).toBe('starling: Node 18 or newer is needed to start, this is 16.20.2\n')
})

test('the command line works in the folder where npm was called', () => {
  const environment = { INIT_CWD: import.meta.dirname, npm_lifecycle_event: 'starling' }
  expect(callerFolder(environment, ROOT)).toBe(import.meta.dirname)
})

test('the command line works where it is when npm did not move it', () => {
  const environment = { INIT_CWD: ROOT, npm_lifecycle_event: 'test' }
  expect(callerFolder(environment, import.meta.dirname)).toBe(import.meta.dirname)
  expect(callerFolder({ INIT_CWD: import.meta.dirname }, ROOT)).toBe(ROOT)
})

function runMain(args: readonly string[], nodeOptions: readonly string[] = []) {
  return spawnSync(process.execPath, [...nodeOptions, MAIN, ...args], { encoding: 'utf8' })
}
