/** The agent module of runs whose tool asks a question. */
import type { AgentDefinition } from '@starling/core'
import { SCENARIOS } from './scenario.ts'

export const agent: AgentDefinition = SCENARIOS.pay.define(process.env['APPROVALS_JOURNAL'])
