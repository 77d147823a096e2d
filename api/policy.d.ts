// dist/access-policy.d.ts
/** What may become of a call: it runs, a person is asked first, or it is refused. */
export declare const ACCESS_EFFECTS: readonly ['allow', 'ask', 'deny'];
/** One of {@link ACCESS_EFFECTS}, from the least restrictive to the most. */
export type AccessEffect = (typeof ACCESS_EFFECTS)[number];
/** A value in JSON that has no parts. */
export type JsonScalar = string | number | boolean | null;
/**
 * What one value of the arguments has to be. Everything that is said must hold.
 *
 * A pattern is a glob over the whole text: `*` stands for any text, `?` for
 * one character, and a backslash takes the next character as it is.
 */
export interface ArgumentCondition {
    /** It is this value. */
    readonly equals?: JsonScalar | undefined;
    /** It is one of these values. */
    readonly oneOf?: readonly JsonScalar[] | undefined;
    /** It is a text that begins with one of these. */
    readonly prefix?: string | readonly string[] | undefined;
    /** It is a text that one of these patterns fits. */
    readonly glob?: string | readonly string[] | undefined;
    /**
     * It is a path at or below one of these folders, once `.` and `..` are taken
     * out. The path of a folder may have patterns in it; a `*` ends at a `/` there
     * and `**` does not. Links are not followed: nothing is read. A path with a
     * backslash, which separates folders on some systems, fits no `allow`. Where
     * a rule asks or denies, capital and small letters are the same, and so are
     * the ways to compose an accent.
     */
    readonly under?: string | readonly string[] | undefined;
    /**
     * It is an absolute URL whose host one of these patterns fits, such as `api.example.com` or `*.example.com`.
     * Hosts are compared in one spelling: lower case, decoded, without a dot at the end, in the letters of DNS.
     * With a port (`localhost:8080`) the port counts as well; without one any does.
     */
    readonly host?: string | readonly string[] | undefined;
    /** It is a number, at most this. */
    readonly atMost?: number | undefined;
    /** It is a number, at least this. */
    readonly atLeast?: number | undefined;
    /** Whether there is such a value at all. Default: there is, as soon as anything else is said. */
    readonly exists?: boolean | undefined;
}
/**
 * Where a tool's arguments have the command: the JSON pointer of a script or
 * of a list (the program, then its arguments), or one for each of the two.
 */
export type CommandPlace = string | {
    readonly program: string;
    readonly args: string;
};
/**
 * Which commands of a script a rule is about. Everything that is said must
 * hold; a rule that says nothing is about every command.
 *
 * Patterns are globs as in {@link ArgumentCondition}.
 */
export interface CommandMatch {
    /** Where the command is. Default: `{ program: '/program', args: '/args' }`, as the built-in `shell` has it. */
    readonly at?: CommandPlace | undefined;
    /**
     * The program, one of these patterns. A pattern without a slash is about its
     * name: in `ask` and `deny` wherever the program lies and in any case, in
     * `allow` only when it is called by its name alone or out of a folder of the
     * system, such as `/usr/bin`. A pattern with a slash is about the path as it is written.
     */
    readonly program?: string | readonly string[] | undefined;
    /** All the arguments, in order: a pattern for each, and `**` for any number of them. */
    readonly args?: readonly string[] | undefined;
    /**
     * Arguments that are there, anywhere; of a list within the list one is enough.
     *
     * A short option (`-f`) is also found among others (`-rf`), a long one
     * (`--force`) with a value (`--force=1`) and cut short (`--forc`).
     */
    readonly has?: readonly (string | readonly string[])[] | undefined;
    /** Arguments that are not there, found like those of {@link CommandMatch.has}. */
    readonly not?: string | readonly string[] | undefined;
    /** It runs with one of these variables set by the script. */
    readonly sets?: string | readonly string[] | undefined;
    /** It reads one of these files by a redirection. In paths, `*` ends at a `/` and `**` does not. */
    readonly reads?: string | readonly string[] | undefined;
    /** It writes one of these files by a redirection. */
    readonly writes?: string | readonly string[] | undefined;
    /** Of `allow` only: the variables that may be set for it. Default: those in lower case, which programs do not look at. */
    readonly maySet?: string | readonly string[] | undefined;
    /** Of `allow` only: the files that redirections may read. Default: none but `/dev/null`. */
    readonly mayRead?: string | readonly string[] | undefined;
    /** Of `allow` only: the files that redirections may write. Default: none but `/dev/null`. */
    readonly mayWrite?: string | readonly string[] | undefined;
}
/** One rule of an access policy. */
export interface AccessRuleData {
    /** How decisions name the rule; unique. Default: `#` and its place in the list, from 0. */
    readonly id?: string | undefined;
    readonly effect: AccessEffect;
    /** The tools it is about: patterns of names. */
    readonly tool: string | readonly string[];
    /**
     * What the arguments have to be, by JSON pointer. A `*` in place of a key
     * stands for all elements of a list, or of an object: an `allow` wants every
     * one of them to have the value and to meet the condition, `ask` and `deny`
     * one. A value of another type than a condition is about, such as a list in
     * place of a text, meets that of no `allow`, and may meet those of the others.
     */
    readonly when?: Readonly<Record<string, ArgumentCondition>> | undefined;
    /** Which commands it is about, when the tool runs commands. Default: the call as a whole. */
    readonly command?: CommandMatch | undefined;
    /** Why, for whoever reads the decision. Default: none. */
    readonly reason?: string | undefined;
}
/** An access policy as data: JSON, and nothing else. */
export interface AccessPolicyData {
    readonly version: 1;
    /** How decisions name the policy. Default: none. */
    readonly name?: string | undefined;
    /** What becomes of a call, or a command of it, that no rule is about. Default: `ask`. */
    readonly default?: AccessEffect | undefined;
    readonly rules: readonly AccessRuleData[];
}
/** {@link CommandMatch} with everything filled in. */
export interface NormalCommandMatch {
    readonly at: CommandPlace;
    readonly program?: readonly string[];
    readonly args?: readonly string[];
    readonly has?: readonly (readonly string[])[];
    readonly not?: readonly string[];
    readonly sets?: readonly string[];
    readonly reads?: readonly string[];
    readonly writes?: readonly string[];
    readonly maySet?: readonly string[];
    readonly mayRead?: readonly string[];
    readonly mayWrite?: readonly string[];
}
/** {@link ArgumentCondition} with lists in place of single patterns. */
export interface NormalCondition {
    readonly equals?: JsonScalar;
    readonly oneOf?: readonly JsonScalar[];
    readonly prefix?: readonly string[];
    readonly glob?: readonly string[];
    readonly under?: readonly string[];
    readonly host?: readonly string[];
    readonly atMost?: number;
    readonly atLeast?: number;
    readonly exists?: boolean;
}
/** {@link AccessRuleData} with everything filled in. */
export interface AccessRule {
    readonly id: string;
    readonly effect: AccessEffect;
    readonly tool: readonly string[];
    readonly when?: Readonly<Record<string, NormalCondition>>;
    readonly command?: NormalCommandMatch;
    readonly reason?: string;
}
/** A checked access policy. {@link createAccessPolicy} makes one. */
export interface AccessPolicy {
    readonly version: 1;
    readonly name?: string;
    readonly default: AccessEffect;
    readonly rules: readonly AccessRule[];
}

// dist/create-access-policy.d.ts
import { type AccessPolicy, type AccessPolicyData } from './access-policy.ts';
/**
 * Checks the data of an access policy and fills everything in.
 *
 * The result is data too: JSON that gives the same policy when it is read again.
 *
 * @throws {@link PolicyError} `POLICY_INVALID` for a field that does not exist, a value that is not
 * possible or two rules of one id; the message has the path of the problem.
 */
export declare function createAccessPolicy(data: AccessPolicyData): AccessPolicy;

// dist/create-call-policy.d.ts
import type { AccessPolicy, AccessPolicyData } from './access-policy.ts';
import { type AccessDecision, type ToolCall } from './evaluate-call.ts';
/** Access policies in the form in which an agent of `@starling/core` takes them. */
export interface CallPolicy {
    /** What the agent records and hashes: the policies, in their order. */
    readonly data: readonly AccessPolicy[];
    /** Judges a call by all of them, as {@link evaluateCall} does; the last few decisions are kept. */
    evaluate(call: ToolCall): AccessDecision;
}
/**
 * Makes the `policy` of an agent out of one or more sets of rules; the most
 * restrictive answer of all of them counts.
 *
 * @throws {@link PolicyError} `POLICY_INVALID` for data that is no access policy.
 * @example
 * ```ts
 * const policy = createCallPolicy({ version: 1, rules: [{ effect: 'ask', tool: 'shell' }], default: 'allow' })
 * ```
 */
export declare function createCallPolicy(first: AccessPolicyData, ...more: readonly AccessPolicyData[]): CallPolicy;

// dist/evaluate-call.d.ts
import type { AccessEffect, AccessPolicy } from './access-policy.ts';
/** A call of a tool, as the model asks for it. */
export interface ToolCall {
    /** The name of the tool. */
    readonly tool: string;
    /** The arguments, as JSON text. */
    readonly input: string;
}
/** What a policy says about a call. */
export interface AccessDecision {
    readonly effect: AccessEffect;
    /** Why, in one line. */
    readonly reason: string;
    /** The ids of the rules that lead to the effect, in order; none when it is the default of the policy. */
    readonly rules: readonly string[];
    /** The command of the script that the effect is about, as it is written. Default: the call as a whole. */
    readonly command?: string;
}
/**
 * Decides what becomes of a call: the most restrictive of all that the rules
 * say, and of several policies the most restrictive answer.
 *
 * - Rules without a `command` are about the call as a whole, and about every
 *   command in it.
 * - Every command of a script is judged as if it were a call of its own, and
 *   the most restrictive answer counts: all must be allowed for the script to be.
 * - What no rule is about becomes what the policy has as its default.
 * - What cannot be known before a script runs is never allowed by a rule about
 *   commands, and where rules about commands ask or deny, someone is asked.
 *
 * Never throws, whatever the text of the call. Nothing is run or read for it.
 */
export declare function evaluateCall(policies: AccessPolicy | readonly AccessPolicy[], call: ToolCall): AccessDecision;

// dist/hash-access-policy.d.ts
import type { AccessPolicy } from './access-policy.ts';
/** Writes a policy as canonical JSON: everything filled in, keys in one order. The same policy is the same text. */
export declare function accessPolicyText(policy: AccessPolicy): string;
/** The BLAKE3 hash of a policy, 32 bytes, over its canonical CBOR: the same however the data was ordered or abbreviated. */
export declare function hashAccessPolicy(policy: AccessPolicy): Uint8Array;

// dist/index.d.ts
export { ACCESS_EFFECTS, type AccessEffect, type AccessPolicy, type AccessPolicyData, type AccessRule, type AccessRuleData, type ArgumentCondition, type CommandMatch, type CommandPlace, type JsonScalar, type NormalCommandMatch, type NormalCondition, } from './access-policy.ts';
export { createAccessPolicy } from './create-access-policy.ts';
export { createCallPolicy, type CallPolicy } from './create-call-policy.ts';
export { evaluateCall, type AccessDecision, type ToolCall } from './evaluate-call.ts';
export { accessPolicyText, hashAccessPolicy } from './hash-access-policy.ts';
export { PolicyError, type PolicyErrorCode } from './policy-error.ts';

// dist/policy-error.d.ts
import { StarlingError } from '@starling/event';
/** Why an access policy was refused. */
export type PolicyErrorCode = 
/** The data is no access policy; the message has the JSON path of the problem. */
'POLICY_INVALID';
/** An error of an access policy. */
export declare class PolicyError extends StarlingError<PolicyErrorCode> {
}
