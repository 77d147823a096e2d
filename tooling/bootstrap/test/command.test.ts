import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exitCode, runLogged } from '../src/command.mjs'
import { createCheckout, type Checkout } from './support/checkout.ts'

test('the output of a command goes to the log and its end is kept', async () => {
  using checkout = createCheckout()
  const outcome = await runLogged(script(checkout, 'console.log("one"); console.error("two")'), quiet(checkout))
  expect(outcome).toMatchObject({ code: 0, interruptedBy: undefined })
  expect(outcome.tail.toSorted()).toEqual(['one', 'two'])
  expect(checkout.read('run.log')).toMatch(/^\$ .*\n(one\ntwo|two\none)\n$/s)
})

test('the exit code of a command is its own', async () => {
  using checkout = createCheckout()
  expect((await runLogged(script(checkout, 'process.exit(7)'), quiet(checkout))).code).toBe(7)
})

test('a command ended by a signal has the exit code a shell reports', async () => {
  using checkout = createCheckout()
  const outcome = await runLogged(script(checkout, 'process.kill(process.pid, "SIGKILL")'), quiet(checkout))
  expect(outcome.code).toBe(137)
  expect(exitCode(null, 'SIGINT')).toBe(130)
})

test('a command that does not exist rejects', async () => {
  using checkout = createCheckout()
  const command = { ...script(checkout, ''), file: join(checkout.root, 'no-such-command') }
  await expect(runLogged(command, quiet(checkout))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a command that takes its time is reported on with its last line', async () => {
  using checkout = createCheckout()
  const release = join(checkout.root, 'release')
  const code = `
    console.log('resolving')
    const timer = setInterval(() => { if (require('node:fs').existsSync(${JSON.stringify(release)})) clearInterval(timer) }, 5)
  `
  const said: string[] = []
  const say = (line: string): void => {
    said.push(line)
    writeFileSync(release, '')
  }
  await runLogged(script(checkout, code), { logFile: join(checkout.root, 'run.log'), say, firstHeartbeatMs: 1 })
  expect(said[0]).toMatch(/^ {2}… \d+ s {2}(resolving|no output yet)$/)
})

function script(checkout: Checkout, code: string) {
  return { file: process.execPath, args: ['-e', code], cwd: checkout.root, env: process.env }
}

function quiet(checkout: Checkout) {
  return { logFile: join(checkout.root, 'run.log'), say: (): void => {} }
}
