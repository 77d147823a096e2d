import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPostgres, type PostgresServer } from './postgres/server.ts'
import { AGENT, starling } from './postgres/starling.ts'
import { inTemporaryDirectory } from './temporary-directory.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(async () => {
  await server.stop()
})

describe('a run on Postgres', () => {
  test('killed in the middle of a tool call, is resumed by another process and replayed by a third', async () => {
    await inTemporaryDirectory(async (cwd) => {
      const url = server.url('killed')
      const journal = join(cwd, 'journal')
      const first = await starling(['run', '--agent', AGENT, '--id', 'note-it', url, 'note both'], {
        cwd,
        env: { JOURNAL: journal, KILLED_BY: 'two' },
      })
      expect(first).toMatchObject({ signal: 'SIGKILL' })
      expect(await starling(['validate', url], { cwd })).toMatchObject({ code: 0, stdout: 'note-it\tOPEN\n' })

      const second = await starling(['resume', '--agent', AGENT, url, 'note-it'], {
        cwd,
        env: { JOURNAL: journal },
      })
      expect(second).toMatchObject({ code: 0, stdout: 'Both are noted.\n' })
      // The first call was recorded and is not made again; of the second only the process knew.
      expect((await readFile(journal, 'utf8')).trim().split('\n')).toEqual(['one', 'two', 'two'])

      const third = await starling(['replay', '--agent', AGENT, url, 'note-it'], { cwd })
      expect(third).toMatchObject({ code: 0, stdout: expect.stringMatching(/^OK: replay matches/) })
      expect(await starling(['validate', url], { cwd })).toMatchObject({ code: 0, stdout: 'note-it\tOK\n' })
    })
  })

  test('copied to a file and back has the same hashes and the same Merkle root everywhere', async () => {
    await inTemporaryDirectory(async (cwd) => {
      const [from, back] = [server.url('source'), server.url('back')]
      for (const id of ['a', 'b', 'c']) {
        const end = await starling(['run', '--agent', AGENT, '--id', id, '--quiet', from, 'note both'], { cwd })
        expect(end).toMatchObject({ code: 0 })
      }
      expect(await starling(['copy', from, 'a.db'], { cwd })).toMatchObject({ code: 0, stderr: '' })
      expect(await starling(['copy', 'a.db', back], { cwd })).toMatchObject({ code: 0, stderr: '' })
      expect(await starling(['copy', back, 'b.db'], { cwd })).toMatchObject({ code: 0, stderr: '' })

      const exports = await Promise.all(
        [from, 'a.db', back, 'b.db'].map(
          async (log) => (await starling(['export', log, '--format', 'raw'], { cwd })).stdout,
        ),
      )
      expect(exports[0]?.match(/"hash":"[0-9a-f]{64}"/g)?.length).toBeGreaterThan(30)
      for (const lines of exports) expect(lines.split('\n').toSorted()).toEqual(exports[0]?.split('\n').toSorted())
      const roots = await Promise.all(['a.db', 'b.db'].map(async (file) => rootsIn(join(cwd, file))))
      expect(roots[0]).toEqual([expect.any(String), expect.any(String), expect.any(String)])
      expect(roots[1]).toEqual(roots[0])
    })
  })

  test('waits for a decision that another process makes, and goes on there', async () => {
    await inTemporaryDirectory(async (cwd) => {
      const url = server.url('asking')
      const journal = join(cwd, 'journal')
      const env = { JOURNAL: journal, ASKS: '1' }
      const run = ['run', '--agent', AGENT, '--approve', 'later', '--id', 'note-it', url, 'note both']
      const asked = await starling(run, { cwd, env })
      expect(asked).toMatchObject({ code: 6 })
      // What is printed to be typed has no password in it.
      expect(asked.stderr).toContain(`decide with: starling approve --agent ${AGENT} 'postgres://postgres:…@127.0.0.1:`)
      expect(asked.stderr).not.toContain('owner-password')
      await expect(readFile(journal)).rejects.toMatchObject({ code: 'ENOENT' })

      const waiting = await starling(['approvals', url, '--json'], { cwd })
      expect(JSON.parse(waiting.stdout).approvals).toMatchObject([
        { run_id: 'note-it', call_id: 'call-a', tool: 'note' },
      ])

      const approved = await starling(['approve', url, 'note-it', 'call-a', '--by', 'ada'], { cwd })
      expect(approved).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^1 call of run note-it approved; go on with: /),
      })
      expect(approved.stdout).not.toContain('owner-password')
      const next = await starling(['resume', '--agent', AGENT, '--approve', 'later', url, 'note-it'], { cwd, env })
      expect(next).toMatchObject({ code: 6 })
      const denied = await starling(['deny', '--agent', AGENT, url, 'note-it', 'call-b'], { cwd, env })
      expect(denied).toMatchObject({ code: 0, stdout: 'Both are noted.\n' })
      expect(await readFile(journal, 'utf8')).toBe('one\n')
      const replayed = await starling(['replay', '--agent', AGENT, url, 'note-it'], { cwd, env: { ASKS: '1' } })
      expect(replayed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^OK: /) })
    })
  })
})

/** The Merkle roots of the runs in a file, all of which have to be whole. */
async function rootsIn(path: string): Promise<readonly (string | undefined)[]> {
  await using log = await openSqliteEventLog({ path, readOnly: true })
  const { runs } = await log.listRuns()
  return Promise.all(
    runs.map(async ({ runId }) => {
      const { status, root } = await validateRun(log, runId)
      return status === 'ok' && root !== undefined ? `${runId} ${toHex(root)}` : undefined
    }),
  )
}
