import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { beforeAll, describe, expect, test } from 'vitest'
import { findBroken, makeFolder, readJournal, readRun, readWaiting, recordedAs, RUN } from './approvals/folder.ts'
import { killAndFinish, killsAt, type Step } from './approvals/kill-and-finish.ts'
import { buildProgram, envIn, LOG, type Program } from './approvals/program.ts'
import { ANSWER, QUESTION, SCENARIOS } from './approvals/scenario.ts'
import type { ProcessEnd } from './programs.ts'
import { inTemporaryDirectory } from './temporary-directory.ts'

const BOOKED = `book accept ${ANSWER}`

let program: Program

beforeAll(async () => {
  program = await buildProgram()
})

describe('a question of a tool, by three processes', () => {
  test('one asks and exits, one answers, one resumes', async () => {
    await inTemporaryDirectory(async (directory) => {
      const folder = makeFolder(directory, 'run')
      const asked = await ask(folder)
      expect(asked).toMatchObject({ code: 6, stdout: '' })
      expect(asked.stderr).toContain(
        `waits for 1 decision:\ncall-a pay {"sum":5}\n  asks: Which account pays?\n    account (text, required)\n  question `,
      )
      expect(readJournal(folder)).toEqual(['reserve'])

      const listed = await program.run(['approvals', LOG, '--json'], { folder })
      expect(JSON.parse(listed.stdout)).toMatchObject({
        approvals: [{ run_id: RUN, call_id: 'call-a', reason: 'question', question: QUESTION, held: false }],
      })

      const answered = await answer(folder)
      expect(answered).toMatchObject({ code: 0 })
      expect(answered.stdout).toBe(`1 question of run ${RUN} answered; go on with: starling resume ${LOG} ${RUN}\n`)
      expect(readJournal(folder)).toEqual(['reserve'])

      expect(await resume(folder)).toMatchObject({ code: 0, stdout: 'Paid.\n' })
      expect(readJournal(folder)).toEqual(['reserve', BOOKED])
      expect(await findBroken(folder, SCENARIOS.pay)).toEqual([])
    })
  })

  test('what does not fit the form, or is missing where nobody can be asked, is refused, and nothing recorded', async () => {
    await inTemporaryDirectory(async (directory) => {
      const folder = makeFolder(directory, 'run')
      await ask(folder)
      const before = await readRun(folder)
      const refused: readonly (readonly [string[], RegExp])[] = [
        [
          ['call-a', '--input', '{"acount":"a-1"}'],
          /does not fit the form of call call-a; .*\n {2}account is required\n/,
        ],
        [['call-a'], /needs an answer: starling approve runs\.db ship-it call-a --input '\{"account":…\}'; /],
        [['--all'], /needs an answer: starling approve /],
      ]
      for (const [args, message] of refused) {
        const { code, stderr } = await program.run(['approve', LOG, RUN, ...args], { folder })
        expect(code).toBe(2)
        expect(stderr).toMatch(message)
      }
      expect(await readRun(folder)).toEqual(before)
    })
  })

  test('who declines goes on with the run, whose tool is told', async () => {
    await inTemporaryDirectory(async (directory) => {
      const folder = makeFolder(directory, 'run')
      await ask(folder)
      const denied = await program.run(['deny', '-a', program.agents.pay, LOG, RUN, 'call-a'], { folder })
      expect(denied).toMatchObject({ code: 0, stdout: 'Paid.\n' })
      expect(readJournal(folder)).toEqual(['reserve', 'book decline'])
    })
  })

  test('killed at any event, whichever process it is, the run comes to the same end, and nothing is done twice', async () => {
    await inTemporaryDirectory(async (directory) => {
      const asked = makeFolder(directory, 'asked')
      await ask(asked)
      const answered = makeFolder(directory, 'answered', asked)
      await answer(answered)
      const ended = makeFolder(directory, 'ended', answered)
      await resume(ended)
      const seqs = await Promise.all([asked, answered, ended].map(async (folder) => (await readRun(folder)).length))
      const [askedAt = 0, answeredAt = 0, endedAt = 0] = seqs
      expect(answeredAt).toBe(askedAt + 1)

      const kills = [
        ...killsAt('asking', [1, askedAt], { step: ask }),
        ...killsAt('answering', [answeredAt, answeredAt], { from: asked, step: answer }),
        ...killsAt('resuming', [answeredAt + 1, endedAt], { from: answered, step: resume }),
        ...killsAt('answering and resuming', [answeredAt + 1, endedAt], { from: asked, step: answerAndGoOn }),
      ]
      const broken = await Promise.all(kills.map(async (kill) => killAndFinish(directory, SCENARIOS.pay, kill)))
      expect(broken.flat()).toEqual([])
      expect(kills).toHaveLength(2 * endedAt - answeredAt)
    })
  })
})

describe('a process that is killed while its tool waits for an answer', () => {
  test('without a terminal leaves a question that any other can answer, and nothing is done twice', async () => {
    await inTemporaryDirectory(async (directory) => {
      const folder = makeFolder(directory, 'run')
      await streamUntilAsked(folder)
      expect(readJournal(folder)).toEqual(['reserve'])
      expect(await readWaiting(folder)).toMatchObject([{ callId: 'call-a', reason: 'question', question: QUESTION }])
      expect(await answer(folder)).toMatchObject({ code: 0 })
      expect(await resume(folder)).toMatchObject({ code: 0, stdout: 'Paid.\n' })
      expect(readJournal(folder)).toEqual(['reserve', BOOKED])
      expect(await findBroken(folder, SCENARIOS.pay)).toEqual([])
    })
  })

  test('is gone on with also where nobody has answered: a resume that can ask nobody cancels', async () => {
    await inTemporaryDirectory(async (directory) => {
      const folder = makeFolder(directory, 'run')
      await streamUntilAsked(folder)
      const left = await resume(folder)
      expect(left).toMatchObject({ code: 6 })
      const { code, stderr } = await program.run(['resume', '-a', program.agents.pay, LOG, RUN], { folder })
      expect(code).toBe(0)
      expect(stderr).toMatch(/^cancelled the question of pay: nobody is there to answer; /)
      expect(readJournal(folder)).toEqual(['reserve', 'book cancel'])
    })
  })
})

test('of two who answer at once one is recorded, and the other is told', async () => {
  await inTemporaryDirectory(async (directory) => {
    const folder = makeFolder(directory, 'asked')
    await ask(folder)
    const other = ['approve', '--no-resume', LOG, RUN, '--input', '{"account":"a-2"}', '--by', 'bob']
    const ends = await Promise.all([answer(folder), program.run(other, { folder })])
    expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([0, 1]))
    const [recorded, ...others] = recordedAs(await readRun(folder), 'starling/answer')
    expect(recorded).toMatchObject({ value: { by: ends[0].code === 0 ? 'ada' : 'bob' } })
    expect(others).toEqual([])
    const told = ends.find(({ code }) => code === 1)?.stderr ?? ''
    // It may have come just too late to see that the run waits, or just too early to be the first.
    expect(told).toMatch(/^starling: .*(?:answered already by|is in use|no call of run ship-it waits)/m)
  })
})

const ask: Step = async (folder, crashAtSeq) => {
  const args = ['run', '-a', program.agents.pay, '--approve', 'later', '--id', RUN, LOG, 'Pay it']
  return program.run(args, { folder, crashAtSeq })
}

const answer: Step = async (folder, crashAtSeq) =>
  program.run(['approve', '--no-resume', LOG, RUN, '--input', ANSWER, '--by', 'ada'], { folder, crashAtSeq })

const answerAndGoOn: Step = async (folder, crashAtSeq) =>
  program.run(['approve', '-a', program.agents.pay, LOG, RUN, 'call-a', '--input', ANSWER], { folder, crashAtSeq })

const resume: Step = async (folder, crashAtSeq): Promise<ProcessEnd> =>
  program.run(['resume', '-a', program.agents.pay, '--approve', 'later', LOG, RUN], { folder, crashAtSeq })

/** Streams the run in a process of its own, without a command line, and kills it where its tool waits. */
async function streamUntilAsked(folder: string): Promise<void> {
  const child = spawn(process.execPath, [program.stream, LOG, RUN], { cwd: folder, env: envIn(folder) })
  const ended = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) if (line === 'asked') break
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
}
