import { defineTool, type Tool } from '@starling/tool'
import Database from 'better-sqlite3'
import * as z from 'zod'
import { metricsFile } from './metrics-file.ts'
import { TimeSchema } from './time-range.ts'

const MAX_POINTS = 60

const InputSchema = z.object({
  service: z.string().describe('Like checkout, payments or inventory.'),
  metrics: z.array(z.string()).min(1).max(5).describe('Like p95_latency_ms or db_connections_in_use.'),
  from: TimeSchema.optional(),
  to: TimeSchema.optional(),
  step_minutes: z.int().min(1).max(60).optional().describe('Minutes that one point stands for. Default: 5.'),
})

type Input = z.infer<typeof InputSchema>

interface Point {
  readonly minute: string
  readonly avg: number
  readonly max: number
}

/** Queries the metrics of the example: read-only, and never more than a screenful. */
export const queryMetrics: Tool = defineTool({
  name: 'query_metrics',
  description:
    'Reads metrics of one service over time, averaged per step. An unknown name is answered with the known ones.',
  input: InputSchema,
  async execute(input, { signal }) {
    const path = await metricsFile()
    signal.throwIfAborted()
    const db = new Database(path, { readonly: true, fileMustExist: true })
    try {
      return { service: input.service, series: input.metrics.map((metric) => readSeries(db, metric, input)) }
    } finally {
      db.close()
    }
  },
})

const SERIES = `
  SELECT min(minute) AS minute, round(avg(value), 2) AS avg, max(value) AS max
  FROM samples
  WHERE service = :service AND metric = :metric
    AND unixepoch(minute) >= coalesce(unixepoch(:from), 0)
    AND unixepoch(minute) < coalesce(unixepoch(:to), unixepoch('9999-01-01'))
  GROUP BY unixepoch(minute) / (60 * :step)
  ORDER BY minute
  LIMIT ${MAX_POINTS}`

function readSeries(db: Database.Database, metric: string, input: Input): { metric: string; points: readonly Point[] } {
  const { service, from = null, to = null, step_minutes: step = 5 } = input
  assertKnown(db, service, metric)
  const points = db.prepare<[object], Point>(SERIES).all({ service, metric, from, to, step })
  return { metric, points }
}

function assertKnown(db: Database.Database, service: string, metric: string): void {
  const known = db.prepare<[], string>("SELECT DISTINCT service || ' ' || metric FROM samples").pluck().all()
  if (known.includes(`${service} ${metric}`)) return
  throw new Error(`there is no metric ${metric} of ${service}; known are: ${known.join(', ')}`)
}
