// dist/agent/config.d.ts
import type { AgentDefinition } from '@starling/core';
/** What `starling.config.ts` may hold: defaults for the command line in this directory. */
export interface StarlingConfig {
    /** The agent module, from this directory, or the agent itself. */
    readonly agent?: string | AgentDefinition | undefined;
    /** The log: a file, from this directory, or a URL such as `postgres://user@host/database`. */
    readonly db?: string | undefined;
}
/** Types a configuration; `starling.config.ts` exports the result as `config`. */
export declare function defineConfig(config: StarlingConfig): StarlingConfig;

// dist/agent/resolve-packages.d.ts
/**
 * Makes `@starling/*` and `zod` resolvable from every module of this process.
 *
 * A module that has its own copy gets its own copy; only where resolution
 * fails, the packages that `base` can import are used. So an agent module
 * works in any directory, before anything is installed there. Returns false
 * when this version of Node cannot do it (22.14).
 */
export declare function resolvePackagesFrom(base: string): boolean;

// dist/exit-code.d.ts
/**
 * What the process exits with. The numbers are part of the interface: scripts
 * branch on them.
 */
export declare const EXIT: {
    readonly ok: 0;
    /** Something went wrong that no other code names. */
    readonly failure: 1;
    /** The arguments make no sense; nothing was done. */
    readonly usage: 2;
    /** A replay did not reproduce its recording. */
    readonly diverged: 3;
    /** A run is not what its hashes say. */
    readonly corrupt: 4;
    /** There is no such log, run, file or model. */
    readonly notFound: 5;
    /** The run waits for decisions and has been left open. */
    readonly suspended: 6;
    /** Ended by an interrupt from the terminal. */
    readonly interrupted: 130;
    /** Ended by a request to terminate. */
    readonly terminated: 143;
};
/** One of the numbers of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

// dist/index.d.ts
export { defineConfig, type StarlingConfig } from './agent/config.ts';
export { resolvePackagesFrom } from './agent/resolve-packages.ts';
export { EXIT, type ExitCode } from './exit-code.ts';
export type { AskOptions, CliIo, CliOutput, Diagnosis, ForkFileOptions, LogKind, LogStore, MigrationReport, ModuleHome, OpenMode, StoredLog, } from './io.ts';
export { HIDDEN, isLogUrl, nameOfUrl } from './log-url.ts';
export { createProcessIo, type ProcessIoOptions } from './process-io.ts';
export { runCli } from './run-cli.ts';

// dist/io.d.ts
import type { EventLog } from '@starling/eventlog';
/** Where a command writes. */
export interface CliOutput {
    /**
     * Writes text; a returned promise asks the writer to wait before the next
     * write. Fails with an error of code `EPIPE` once nobody reads any more.
     */
    write(text: string): void | Promise<void>;
    /** True when a person looks at it. */
    readonly isTTY: boolean;
    /** Width in characters, when known. */
    readonly columns?: number | undefined;
}
/** What a log can be opened for. */
export type OpenMode = 
/** Nothing is ever written; the log must exist. */
'read'
/** As `read`, also a log that a newer version wrote: to say which version that is. */
 | 'inspect'
/** Events are only read, but what is derived from them, such as a search index, may be kept; the log must exist. */
 | 'index'
/** Existing runs may be continued or deleted; the log must exist, and its schema is left as it is. */
 | 'write'
/** As `write`, also where there is a database and no log in it yet: to bring its schema up to date. */
 | 'migrate'
/** The log is made when it does not exist, and its schema brought up to date. */
 | 'create';
/** What a migration did, or would do. */
export interface MigrationReport {
    readonly from: number;
    readonly to: number;
    /** The versions applied, in order. */
    readonly applied: readonly number[];
}
/** One thing that was looked at to find out whether a log works. */
export interface Diagnosis {
    readonly name: string;
    /** `info` is neither good nor bad. */
    readonly status: 'ok' | 'info' | 'fail';
    readonly note: string;
}
/** A log as the commands use it: the port, and what only some backends have. */
export interface StoredLog extends EventLog {
    /** Version of the database schema. */
    schemaVersion?(): Promise<number>;
    /** Brings the schema up to date, or says what it would do. */
    migrate?(options: {
        readonly dryRun: boolean;
    }): Promise<MigrationReport>;
    /** Stores events as they are, without the rules of an append: for a damaged log that must be kept. */
    appendUnchecked?(runId: string, events: readonly EventLogEvent[]): Promise<void>;
    /** Looks at what the log needs around it, such as a server and rights there. */
    diagnose?(): Promise<readonly Diagnosis[]>;
}
type EventLogEvent = Awaited<ReturnType<EventLog['read']>>[number];
/** How a whole log is copied up to a point in one run. */
export interface ForkFileOptions {
    readonly runId: string;
    /** Keep the events with a smaller `seq`; 0 keeps all of them. */
    readonly beforeSeq: number;
}
/** What sort of log there is at a place, or would be. */
export interface LogKind {
    /** The name of the backend, such as `sqlite`. */
    readonly backend: string;
    /** The schema version that this program writes. */
    readonly latestSchemaVersion?: number | undefined;
    /** Copies a log into a new file, cutting one run short; absent where logs are no files. */
    forkFile?(source: string, destination: string, options: ForkFileOptions): Promise<unknown>;
}
/**
 * Where logs live. The commands know no backend: the program that composes
 * them passes one in.
 */
export interface LogStore {
    /**
     * Returns what a log is to be called in everything that is shown: `target`
     * without a password in it. From then on the store knows it by that name.
     */
    nameOf(target: string): string;
    /** Returns what sort of log `target` names. */
    kindOf(target: string): LogKind;
    /**
     * Reports whether there is a log, or something in its place, at `target`;
     * where only opening can tell, there may be. Creates nothing.
     */
    exists(target: string): Promise<boolean>;
    /** Opens the log at `target`; nothing comes back when it must exist, and opening has told that it does not. */
    open(target: string, mode: OpenMode): Promise<StoredLog | undefined>;
}
/** How a person is asked. */
export interface AskOptions {
    /** Takes the question back. */
    readonly signal: AbortSignal;
    /** What stands on the line already, to be edited. Default: nothing. */
    readonly prefill?: string | undefined;
}
/** Everything that the commands take from the world around them. */
export interface CliIo {
    readonly stdout: CliOutput;
    readonly stderr: CliOutput;
    readonly stdin: AsyncIterable<Uint8Array | string>;
    /** Asks the person at the terminal one question; absent when there is nobody to ask. */
    readonly ask?: ((question: string, options: AskOptions) => Promise<string>) | undefined;
    /** Who is calling, such as `ada@laptop`: recorded with every decision. Default: not known. */
    readonly user?: string | undefined;
    readonly env: Readonly<Record<string, string | undefined>>;
    /** The directory that relative paths start from. */
    readonly cwd: string;
    readonly store: LogStore;
    /** Milliseconds since the epoch. */
    readonly nowMs: () => number;
    /** Fresh random bytes. */
    readonly randomBytes: (length: number) => Uint8Array;
    /**
     * Calls `listener` at the first interrupt instead of ending the process; a
     * second one ends it. Returns what takes the listener away again.
     */
    readonly onInterrupt: (listener: (signal?: 'SIGINT' | 'SIGTERM') => void) => () => void;
    /** Which copies of the packages a module gets that cannot resolve its own. */
    readonly modules: ModuleHome;
}
/** Where the packages that come with the program are found. */
export interface ModuleHome {
    /** URL of a module that can import every package that an agent may need. */
    readonly base: string;
    /** URL of a module that makes these packages resolvable everywhere, for `node --import`. */
    readonly register: string;
}
export {};

// dist/log-url.d.ts
/** Reports whether a log is named by the URL of a database, not by a path. */
export declare function isLogUrl(target: string): boolean;
/** What stands in the place of a password that is not shown. */
export declare const HIDDEN = "\u2026";
/** Returns a text without the passwords in the URLs of databases that it quotes. */
export declare function hidePasswords(text: string): string;
/** Returns the URL of a log without the password in it. */
export declare function nameOfUrl(url: string): string;

// dist/process-io.d.ts
import type { CliIo, LogStore, ModuleHome } from './io.ts';
/** What the program that composes the commands decides. */
export interface ProcessIoOptions {
    readonly store: LogStore;
    readonly modules: ModuleHome;
}
/** Returns the world of this process: its streams, its environment, its signals. */
export declare function createProcessIo({ store, modules }: ProcessIoOptions): CliIo;

// dist/run-cli.d.ts
import { type ExitCode } from './exit-code.ts';
import type { CliIo } from './io.ts';
/**
 * Runs one command and resolves with what the process is to exit with.
 *
 * Never rejects: a failure is one line on stderr, or one JSON document with
 * `--json`. A reader that goes away (`| head`) ends the command quietly.
 */
export declare function runCli(args: readonly string[], io: CliIo): Promise<ExitCode>;
