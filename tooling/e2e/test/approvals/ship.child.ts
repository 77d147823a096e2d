/** The agent module of runs that wait for decisions on calls. */
import type { AgentDefinition } from '@starling/core'
import { SCENARIOS } from './scenario.ts'

export const agent: AgentDefinition = SCENARIOS.ship.define(process.env['APPROVALS_JOURNAL'])
