import { expect, test } from 'vitest'
import { createRunner } from '../src/runner.ts'

const NODE = process.execPath

test('a command gives both of its streams and its exit code', async () => {
  const result = await createRunner().run(NODE, ['-e', 'console.log("out"); console.error("err"); process.exit(3)'])
  expect(result.exitCode).toBe(3)
  expect(result.output.split('\n').toSorted()).toEqual(['', 'err', 'out'])
})

test('a command that does not exist rejects', async () => {
  await expect(createRunner().run('no-such-tool', [])).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a command ended by a signal has failed', async () => {
  const { exitCode } = await createRunner().run(NODE, ['-e', 'process.kill(process.pid, "SIGKILL")'])
  expect(exitCode).toBe(137)
})
