import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { createAgent } from '@starling/core'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { describe, expect, test } from 'vitest'
import { filesIn, RUN_ID } from './crash/job.ts'
import { Journal, readJournal } from './crash/journal.ts'
import type { Note } from './crash/journal.ts'
import { toDefinition } from './crash/scenario.ts'
import { SCENARIOS } from './crash/scenarios.ts'
import { findBroken } from './crash/verdict.ts'
import type { CrashedRun } from './crash/verdict.ts'
import { inTemporaryDirectory } from './temporary-directory.ts'

// What the crash tests stand on: that the verdict sees each thing that it is there for.
describe('the verdict on a crashed run', () => {
  test('finds nothing in a run that is whole', async () => {
    expect(findBroken(await recordRun())).toEqual([])
  })

  test('finds a log that is not whole', async () => {
    const run = await recordRun()
    expect(findBroken({ ...run, after: run.after.slice(0, -1) }).join()).toContain('the finished log is open')
  })

  test('finds a durable event that is gone', async () => {
    const run = await recordRun()
    const [first] = run.after
    const before = first === undefined ? [] : [{ ...first, ts: first.ts + 1n }]
    expect(findBroken({ ...run, before }).join()).toContain('an event that was durable is gone or has changed')
  })

  test('finds another end than the expected one', async () => {
    const run = await recordRun()
    const broken = findBroken({ ...run, outcome: { ...run.outcome, end: 'failed' } })
    expect(broken).toEqual(['the run ended as failed, expected completed'])
  })

  test.each([
    ['is missing', (results: readonly Result[]): readonly Result[] => results.slice(1), 'planned c1, answered '],
    ['is there twice', (results: readonly Result[]) => [...results, ...results], 'planned c1, answered c1,c1'],
  ])('finds that a result %s', async (_case, change, expected) => {
    const run = await recordRun()
    const notes = run.notes.map((note) => (note.type === 'request' ? changeResults(note, change) : note))
    expect(findBroken({ ...run, notes }).join()).toContain(expected)
  })

  test('finds a call that was made again after it had its outcome', async () => {
    const run = await recordRun()
    const again = run.notes
      .filter((note) => note.type === 'call')
      .map((note) => ({ ...note, phase: 'finish' as const }))
    const broken = findBroken({ ...run, before: run.after.slice(0, -2), notes: [...run.notes, ...again] })
    expect(broken).toContain('call c1 of look had its outcome and was made again')
    expect(broken).toContain('call c1, attempt 1 was made twice')
  })

  test('finds a call that was made before its schedule was durable', async () => {
    const run = await recordRun()
    expect(findBroken({ ...run, before: run.after.slice(0, 3) })).toContain(
      'call c1 was made before its attempt 1 was on record',
    )
  })

  test('finds a replay that differs, warns or does something', async () => {
    const run = await recordRun()
    const [replay] = run.outcome.replays
    const replays = replay === undefined ? [] : [{ ...replay, status: 'diverged' as const, eventsReproduced: 3 }]
    const notes: Note[] = [...run.notes, { type: 'effect', phase: 'replay', name: 'pay', callId: 'c1' }]
    const broken = findBroken({ ...run, outcome: { ...run.outcome, replays }, notes }).join()
    expect(broken).toContain('the replay diverged')
    expect(broken).toContain('the replay reproduced 3 of 8 events')
    expect(broken).toContain('the replay had the effect pay')
  })

  test('finds a call in doubt that was made again', async () => {
    const run = await recordRun('a tool that must not be called twice')
    const before = run.after.slice(0, 5) // up to the schedules of c1 and c2
    expect(findBroken({ ...run, before })).toContain('the call c1 in doubt ended as nothing')
    const notes = run.notes.map((note) => (note.phase === 'start' ? { ...note, phase: 'finish' as const } : note))
    expect(findBroken({ ...run, before, notes })).toContain('the call c1 in doubt was made again')
  })
})

type Request = Extract<Note, { type: 'request' }>
type Result = Request['messages'][number]

function changeResults(note: Request, change: (results: readonly Result[]) => readonly Result[]): Request {
  const results = note.messages.filter((message) => message.role === 'tool')
  return { ...note, messages: [...note.messages.filter((message) => message.role !== 'tool'), ...change(results)] }
}

/** A run that nobody killed, in one process. */
async function recordRun(name = 'one tool'): Promise<CrashedRun> {
  return inTemporaryDirectory(async (directory) => {
    const scenario = SCENARIOS.find((candidate) => candidate.name === name)
    if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
    const { journal: path } = filesIn(directory)
    mkdirSync(dirname(path), { recursive: true })
    const journal = new Journal(path, 'start')
    await using log = createMemoryEventLog()
    const agent = createAgent({ ...toDefinition(scenario, journal), log })
    const { status } = await agent.runWithId(RUN_ID, scenario.name)
    journal.enter('replay')
    const replays = [await agent.replay(RUN_ID)]
    const notes = readJournal(path)
    const undisturbed = notes.findLast((note) => note.type === 'request')?.messages ?? []
    return {
      scenario,
      before: [],
      after: await log.read(RUN_ID),
      notes,
      outcome: { end: status, replays },
      undisturbed,
    }
  })
}
