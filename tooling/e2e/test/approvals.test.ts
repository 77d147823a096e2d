import { beforeAll, describe, expect, test } from 'vitest'
import { findBroken, makeFolder, readJournal, readRun, recordedAs, RUN } from './approvals/folder.ts'
import { killAndFinish, killsAt, type Step } from './approvals/kill-and-finish.ts'
import { buildProgram, LOG, type Program } from './approvals/program.ts'
import { SCENARIOS } from './approvals/scenario.ts'
import type { ProcessEnd } from './programs.ts'
import { inTemporaryDirectory } from './temporary-directory.ts'

let program: Program

beforeAll(async () => {
  program = await buildProgram()
})

describe('an approval by three processes', () => {
  test('one asks and exits, one decides, one resumes', async () => {
    await inTemporaryDirectory(async (directory) => {
      const folder = makeFolder(directory, 'run')
      const asked = await ask(folder)
      expect(asked).toMatchObject({ code: 6, stdout: '' })
      expect(asked.stderr).toContain(`waits for 2 decisions:\ncall-a deploy {"to":"prod"}\n`)
      expect(readJournal(folder)).toEqual(['look call-b'])

      const listed = await program.run(['approvals', LOG], { folder })
      expect(listed).toMatchObject({ code: 0 })
      expect(listed.stdout).toContain(`${RUN} call-c deploy {"to":"test"}\n  deploys are looked at; asked `)

      const decided = await decide(folder, ['approve', '--all', '--by', 'ada'])
      expect(decided).toMatchObject({ code: 0 })
      expect(decided.stdout).toBe(`2 calls of run ${RUN} approved; go on with: starling resume ${LOG} ${RUN}\n`)
      expect(readJournal(folder)).toEqual(['look call-b'])

      expect(await resume(folder)).toMatchObject({ code: 0, stdout: 'Shipped.\n' })
      expect(readJournal(folder)).toEqual(['look call-b', 'deploy call-a', 'deploy call-c'])
      expect(await findBroken(folder, SCENARIOS.ship)).toEqual([])
    })
  })

  test('the process that makes the last decision goes on with the run itself', async () => {
    await inTemporaryDirectory(async (directory) => {
      const folder = makeFolder(directory, 'run')
      await ask(folder)
      const first = await program.run(['approve', '-a', program.agents.ship, LOG, 'ship', 'call-c'], { folder })
      expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('1 call left, decide with: ') })
      const last = await program.run(['deny', '-a', program.agents.ship, LOG, RUN, '--reason', 'not today'], { folder })
      expect(last).toMatchObject({ code: 0, stdout: 'Shipped.\n' })
      expect(last.stderr).toMatch(
        /^denying call call-a .*\n.*\n1 call of run ship-it denied; going on\nrun ship-it completed/,
      )
      expect(readJournal(folder)).toEqual(['look call-b', 'deploy call-c'])
    })
  })

  test('killed at any event, whichever process it is, the run comes to the same end, and nothing is done twice', async () => {
    await inTemporaryDirectory(async (directory) => {
      const asked = makeFolder(directory, 'asked')
      await ask(asked)
      const decided = makeFolder(directory, 'decided', asked)
      await decide(decided, ['approve', '--all'])
      const ended = makeFolder(directory, 'ended', decided)
      await resume(ended)
      const seqs = await Promise.all([asked, decided, ended].map(async (folder) => (await readRun(folder)).length))
      const [askedAt = 0, decidedAt = 0, endedAt = 0] = seqs
      expect(decidedAt).toBe(askedAt + 2)

      const oneForAll = makeFolder(directory, 'one for all', asked)
      await decideAndGoOn(oneForAll)
      const oneEndedAt = (await readRun(oneForAll)).length

      const all: Step = async (folder, at) => decide(folder, ['approve', '--all'], at)
      const kills = [
        ...killsAt('asking', [1, askedAt], { step: ask }),
        ...killsAt('deciding', [askedAt + 1, decidedAt], { from: asked, step: all }),
        ...killsAt('resuming', [decidedAt + 1, endedAt], { from: decided, step: resume }),
        // The process that decides may go on itself; until it has decided, it is one that only decides.
        ...killsAt('deciding and resuming', [decidedAt + 1, oneEndedAt], { from: asked, step: decideAndGoOn }),
      ]
      const broken = await Promise.all(kills.map(async (kill) => killAndFinish(directory, SCENARIOS.ship, kill)))
      expect(broken.flat()).toEqual([])
      expect(kills).toHaveLength(endedAt + oneEndedAt - decidedAt)
    })
  })
})

test('of two who decide at once one is recorded, and the other is told', async () => {
  await inTemporaryDirectory(async (directory) => {
    const asked = makeFolder(directory, 'asked')
    await ask(asked)
    for (const round of ['first', 'second', 'third']) {
      const folder = makeFolder(directory, round, asked)
      const ends = await Promise.all([
        decide(folder, ['approve', 'call-a', '--by', 'ada']),
        decide(folder, ['deny', 'call-a', '--by', 'bob']),
      ])
      expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([0, 1]))
      const [decision, ...others] = recordedAs(await readRun(folder), 'starling/approval')
      const winner = ends[0].code === 0 ? 'ada' : 'bob'
      expect(decision).toMatchObject({ callId: 'call-a', value: { by: winner } })
      expect(others).toEqual([])
      const told = ends.find(({ code }) => code === 1)?.stderr ?? ''
      expect(told).toMatch(/^starling: .*(?:call call-a has been \w+ by \w+ already|run ship-it is in use)/m)
    }
  })
})

/** The first process, or the one that begins again where nothing was durable. */
async function ask(folder: string, crashAtSeq?: number): Promise<ProcessEnd> {
  const args = ['run', '-a', program.agents.ship, '--approve', 'later', '--id', RUN, LOG, 'Ship it']
  return program.run(args, { folder, crashAtSeq })
}

async function decide(folder: string, how: readonly string[], crashAtSeq?: number): Promise<ProcessEnd> {
  const [command = '', ...rest] = how
  return program.run([command, '--no-resume', LOG, RUN, ...rest], { folder, crashAtSeq })
}

/** As {@link decide} on everything that waits, and the run goes on in the same process. */
async function decideAndGoOn(folder: string, crashAtSeq?: number): Promise<ProcessEnd> {
  return program.run(['approve', '--all', '-a', program.agents.ship, LOG, RUN], { folder, crashAtSeq })
}

async function resume(folder: string, crashAtSeq?: number): Promise<ProcessEnd> {
  return program.run(['resume', '-a', program.agents.ship, '--approve', 'later', LOG, RUN], { folder, crashAtSeq })
}
