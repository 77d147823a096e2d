import { expectToAnswerLikeMemory } from '@starling/eventlog/conformance/model'
import { describe, test } from 'vitest'

import { openSqliteEventLog } from '../src/index.ts'
import { temporaryPath } from './temporary-directory.ts'

describe('a log in SQLite', () => {
  test('answers and refuses like the log in memory, whatever is asked in whatever order', async () => {
    await expectToAnswerLikeMemory({
      open: async (now) => {
        const log = await openSqliteEventLog({ path: ':memory:', now })
        return { first: log, second: log, reader: log }
      },
      numRuns: 400,
    })
  })

  test('answers like one log when two writers and a reader share its file, whichever is asked', async () => {
    await expectToAnswerLikeMemory({
      open: async (now) => {
        const path = temporaryPath()
        return {
          first: await openSqliteEventLog({ path, now }),
          second: await openSqliteEventLog({ path, now }),
          reader: await openSqliteEventLog({ path, readOnly: true }),
        }
      },
      numRuns: 60,
    })
  })
})
