import { createAccessPolicy, evaluateCall, type AccessDecision, type AccessPolicyData } from '../src/index.ts'

const ALLOWED: readonly string[] = ['ls', 'cat', 'echo', 'grep', 'git', 'printf', 'test', '[', 'cd', 'find', 'head']

/** A policy for a tool that takes a script: `rm` is refused, a few programs are allowed, the rest is asked about. */
export const SHELL_POLICY: AccessPolicyData = {
  version: 1,
  rules: [
    { id: 'no-rm', effect: 'deny', tool: 'bash', command: { at: '/command', program: 'rm' } },
    { id: 'few', effect: 'allow', tool: 'bash', command: { at: '/command', program: ALLOWED } },
  ],
}

const policy = createAccessPolicy(SHELL_POLICY)

/** Decides on a script by {@link SHELL_POLICY}. */
export function decide(script: string): AccessDecision {
  return evaluateCall(policy, callOf(script))
}

/** The call of a tool that takes a script. */
export function callOf(script: string): { tool: string; input: string } {
  return { tool: 'bash', input: JSON.stringify({ command: script }) }
}

/** Puts a text in single quotes, as a shell takes them. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
