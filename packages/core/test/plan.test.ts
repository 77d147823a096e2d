import { encodeCbor } from '@starling/event'
import { expect, test } from 'vitest'
import { planCall } from '../src/planned-call.ts'
import type { PlannedCall } from '../src/planned-call.ts'
import { Plan } from '../src/plan.ts'

const DONE = { content: 'ok', isError: false }

function planOf(...callIds: readonly string[]): Plan {
  const args = encodeCbor(new Map())
  return new Plan(callIds.map((callId) => planCall({ callId, tool: 'look', args }, 'turn-1')))
}

function callAt(plan: Plan, index: number): PlannedCall {
  const call = plan.calls[index]
  if (call === undefined) throw new Error(`the plan has no call ${index}`)
  return call
}

test('a plan is open until its last call has an outcome, whichever that is', () => {
  const plan = planOf('a', 'b', 'c')
  for (const index of [2, 0, 1]) {
    expect(plan.isOpen).toBe(true)
    plan.end(callAt(plan, index), DONE)
  }
  expect(plan.isOpen).toBe(false)
  expect(planOf().isOpen).toBe(false)
})

test('a call is found by the name that the model gave it and by the id of its last schedule, until it has its outcome', () => {
  const plan = planOf('a', 'b')
  const call = callAt(plan, 1)
  expect([plan.findNamed('b'), plan.findLogged('b')]).toEqual([call, call])
  plan.schedule(call, 'b-again')
  expect([plan.findNamed('b'), plan.findLogged('b-again')]).toEqual([call, call])
  expect([plan.findNamed('b-again'), plan.findLogged('b')]).toEqual([undefined, undefined])
  plan.end(call, DONE)
  expect([plan.findNamed('b'), plan.findLogged('b-again')]).toEqual([undefined, undefined])
})

test('an id belongs to the plan as long as a call goes by it, ended or not', () => {
  const plan = planOf('a')
  const call = callAt(plan, 0)
  plan.schedule(call, 'second')
  plan.schedule(call, 'third')
  plan.end(call, DONE)
  expect(['a', 'second', 'third', 'fourth'].map((id) => plan.has(id))).toEqual([true, false, true, false])
})

test('of calls that share an id, the first one without an outcome is meant', () => {
  const plan = planOf('a', 'a')
  const [first, second] = [callAt(plan, 0), callAt(plan, 1)]
  expect(plan.findNamed('a')).toBe(first)
  plan.end(first, DONE)
  expect([plan.findNamed('a'), plan.findLogged('a')]).toEqual([second, second])
})
