// dist/builtin-tool-error.d.ts
import { StarlingError } from '@starling/event';
/** Why a built-in tool did not do what it was asked for. */
export type BuiltinToolErrorCode = 
/** What the tool's options do not allow: an address, a path outside the root, a program. */
'BUILTIN_REFUSED'
/** The file, the folder, the host or the program does not exist. */
 | 'BUILTIN_NOT_FOUND'
/** It exists and is of a kind that the tool does not work with, such as a folder or a device. */
 | 'BUILTIN_UNSUPPORTED'
/** Reading, writing, sending or starting failed. */
 | 'BUILTIN_FAILED';
/** An error of a built-in tool; its message is what the model reads. */
export declare class BuiltinToolError extends StarlingError<BuiltinToolErrorCode> {
}

// dist/check-options.d.ts
import { ToolError, type ToolPolicy } from '@starling/tool';
/** Checks one option; returns what it expected of a value that does not fit. */
export type OptionCheck = (value: unknown) => string | undefined;
/** A check for every option of a tool. */
export type OptionChecks<Options> = {
    readonly [Name in keyof Options]-?: OptionCheck;
};
/**
 * Checks the options of a tool: each exists and fits. `undefined` counts as not given.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` that names the option.
 */
export declare function checkOptions<Options extends object>(tool: string, options: Options, checks: OptionChecks<Options>): void;
/** Makes the error for an option that a tool cannot have. */
export declare function invalidOption(tool: string, problem: string): ToolError;
/** Lays the policy that a user gave over the one a tool has by itself. */
export declare function overridePolicy(own: ToolPolicy, given: ToolPolicy | undefined): ToolPolicy;
/** A whole number within bounds, both included. */
export declare function wholeNumber(minimum: number, maximum: number): OptionCheck;
/** Milliseconds that a timer can wait. */
export declare const milliseconds: OptionCheck;
/** Text that is not empty. */
export declare const someText: OptionCheck;
/** A list of texts, none of them empty. */
export declare const texts: OptionCheck;
/** One of these values. */
export declare function oneOf(...values: readonly (string | boolean)[]): OptionCheck;
/** A function. */
export declare const aFunction: OptionCheck;
/** An object whose values are all texts. */
export declare const textsByName: OptionCheck;
/** A policy; what is in it is checked with the tool's own. */
export declare const aPolicy: OptionCheck;
/** Reports whether `value` is an object with properties by name. */
export declare function isRecord(value: unknown): value is Readonly<Record<string, unknown>>;

// dist/fetch/fetch-options.d.ts
import type { ToolPolicy } from '@starling/tool';
import { type HostLookup, type NetworkGate } from '../net/network-gate.ts';
/** How {@link createFetchTool} may be set up. */
export interface FetchToolOptions {
    /**
     * The only hosts that are fetched from: `example.com`, `*.example.com` for every name below it, or
     * addresses. An empty list is none. Default: every public one.
     */
    readonly allowHosts?: readonly string[] | undefined;
    /** Hosts and blocks of addresses that are never fetched from; goes before everything else. Default: none. */
    readonly denyHosts?: readonly string[] | undefined;
    /**
     * Hosts and blocks of addresses that may be reached although they are not the public internet, such as
     * `10.20.0.0/16` or `wiki.corp`. A host by name does not open the metadata services of clouds. Default: none.
     */
    readonly allowPrivate?: readonly string[] | undefined;
    /** The longest body that is handed on, in bytes; what is longer is cut and flagged. Default: 256 KiB. */
    readonly maxBytes?: number | undefined;
    /** How many redirects are followed. Default: 5. */
    readonly maxRedirects?: number | undefined;
    /** How long a call may take, in milliseconds, with all redirects. Default: 30,000. */
    readonly timeoutMs?: number | undefined;
    /** How long each server may take until its headers are there, in milliseconds. Default: 10,000. */
    readonly hopTimeoutMs?: number | undefined;
    /** What becomes of a body that is not text. Default: `omit`. */
    readonly binary?: 'omit' | 'base64' | undefined;
    /** Show the model images (PNG, JPEG, GIF, WebP) beside the result; the model must be one that sees. Default: `false`. */
    readonly attachImages?: boolean | undefined;
    /** The response headers that the model sees. Default: those about the content, caching and redirects. */
    readonly responseHeaders?: readonly string[] | undefined;
    /** Default: `starling`. */
    readonly userAgent?: string | undefined;
    /** Certificates to trust beside those that Node trusts, as PEM. Default: none. */
    readonly ca?: string | undefined;
    /** Where to send requests instead of to the host itself. The environment is never asked. Default: none. */
    readonly proxy?: FetchProxy | undefined;
    /** How the addresses of a host are found. Default: as the operating system does. */
    readonly lookup?: HostLookup | undefined;
    /** Laid over the tool's own policy. */
    readonly policy?: ToolPolicy | undefined;
}
/** An HTTP proxy; everything goes through a tunnel (`CONNECT`). */
export interface FetchProxy {
    /** Such as `http://proxy.example:3128`; a user name and password in it are sent to the proxy. */
    readonly url: string;
    /**
     * Who finds the addresses of a host. `here`: they are checked, and the tunnel leads to exactly these.
     * `proxy`: it gets the name, and only it can keep private addresses out. Default: `here`.
     */
    readonly resolve?: 'here' | 'proxy' | undefined;
}
/** The options with every default filled in. */
export interface FetchSettings {
    readonly gate: NetworkGate;
    readonly maxBytes: number;
    readonly maxRedirects: number;
    readonly timeoutMs: number;
    readonly hopTimeoutMs: number;
    readonly binary: 'omit' | 'base64';
    readonly attachImages: boolean;
    readonly responseHeaders: readonly string[];
    readonly userAgent: string;
    readonly ca: string | undefined;
    readonly proxy: ProxySettings | undefined;
}
/** A proxy, and how to introduce oneself. */
export interface ProxySettings {
    readonly origin: string;
    readonly resolve: 'here' | 'proxy';
    /** The value of `proxy-authorization`; `undefined` when the URL has no user name. */
    readonly authorization: string | undefined;
}
/** Checks the options and fills in the defaults. */
export declare function readFetchOptions(options: FetchToolOptions): FetchSettings;

// dist/fetch/fetch-tool.d.ts
import { type Tool } from '@starling/tool';
import { type FetchToolOptions } from './fetch-options.ts';
/**
 * Creates the tool `fetch`, which reads a page or a file from the public internet.
 *
 * It cannot reach private or special addresses, by name, by redirect or by a
 * name service that changes its answer; see the README for everything that is refused.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createFetchTool({ allowHosts: ['*.wikipedia.org'] })]
 * ```
 */
export declare function createFetchTool(options?: FetchToolOptions): Tool;

// dist/files/file-options.d.ts
import type { ToolPolicy } from '@starling/tool';
import { type OptionChecks } from '../check-options.ts';
import { type FileRoot } from './file-root.ts';
/** What all file tools have in common. */
export interface FileToolOptions {
    /** The folder that the tool works in; nothing outside is reached. Relative ones count from the working directory. */
    readonly root: string;
    /**
     * Paths that are refused with everything below them, such as `.env` (in any folder), `secrets/**` or
     * `*.{pem,key}`; small and capital letters are the same here. Default: none.
     */
    readonly exclude?: readonly string[] | undefined;
    /** Laid over the tool's own policy. */
    readonly policy?: ToolPolicy | undefined;
}
/** The checks of {@link FileToolOptions}. */
export declare const FILE_CHECKS: OptionChecks<FileToolOptions>;
/** Where a path of a tool may be long: what Linux takes at all. */
export declare const MAX_PATH_LENGTH = 4096;
/** Makes the root of a tool; the options have been checked. */
export declare function readFileRoot(tool: string, { root, exclude }: FileToolOptions): FileRoot;
/** Folders that are rarely meant and often large. */
export declare const DEFAULT_SKIPPED: readonly string[];

// dist/files/file-root.d.ts
import { type Stats } from 'node:fs';
import { type FileHandle } from 'node:fs/promises';
import type { PathMatcher } from './glob.ts';
/**
 * How an open file is known to be below the root.
 *
 * `descriptor`: the kernel says where the descriptor leads (`/proc/self/fd`),
 * and what is in a folder is reached through its descriptor; nothing that
 * happens to the path in between matters. `path`: where there is no `/proc`,
 * the path is resolved again after opening and must lead to the same inode,
 * below the root; whoever can swap folders for links inside the root at the
 * right two moments can still get past it.
 */
export type Verification = 'descriptor' | 'path';
/** A file that is open, regular, and below the root. */
export interface OpenFile extends AsyncDisposable {
    readonly handle: FileHandle;
    readonly stats: Stats;
    /** Where it really is, below the root. */
    readonly path: string;
}
/** Something in a folder. */
export interface FolderEntry {
    readonly name: string;
    readonly type: 'file' | 'directory' | 'symlink' | 'other';
}
/** A folder that is open and below the root. */
export interface OpenFolder extends AsyncDisposable {
    /** Where it really is, below the root. */
    readonly path: string;
    /**
     * Its entries without what is excluded, sorted; `truncated` when there are more than `limit`.
     *
     * Rejects with the reason of `signal`.
     */
    list(limit: number, options?: {
        readonly signal?: AbortSignal | undefined;
    }): Promise<{
        readonly entries: readonly FolderEntry[];
        readonly truncated: boolean;
    }>;
    /** Opens a file in it; a link is refused. */
    openFile(name: string): Promise<OpenFile>;
    /** Opens a folder in it; a link is refused. */
    openFolder(name: string): Promise<OpenFolder>;
    /** A path by which the system reaches an entry of this folder. */
    at(name: string): string;
    /** Writes the folder itself to the disk: names that were added or replaced in it. */
    sync(): Promise<void>;
}
/** The folder that the file tools may work in. Opens what is below it, and nothing else. */
export interface FileRoot {
    /** Opens a regular file for reading; links are followed as long as they stay below the root. */
    openFile(path: string): Promise<OpenFile>;
    /** Opens a folder; links are followed as long as they stay below the root. */
    openFolder(path: string): Promise<OpenFolder>;
    /** Reports whether a path is excluded. */
    isExcluded(path: string): boolean;
}
/** How a {@link FileRoot} is made. */
export interface FileRootOptions {
    readonly root: string;
    /** What is treated as not allowed, with everything below it. */
    readonly isExcluded: PathMatcher;
    /** Default: `descriptor` where there is `/proc`. */
    readonly verification?: Verification | undefined;
}
/** Creates a root; the folder is looked for when something in it is opened. */
export declare function createFileRoot(options: FileRootOptions): FileRoot;

// dist/files/glob.d.ts
/** Reports whether a path below the root, with slashes, is meant. */
export type PathMatcher = (path: string) => boolean;
/** How patterns are compiled. */
export interface GlobOptions {
    /** Default: `false`. */
    readonly andBelow?: boolean;
    /** Of all alternatives together: comparing a path takes time in proportion. Default: no limit. */
    readonly maxCharacters?: number;
}
/** A pattern that cannot be used. */
export interface UnreadableGlob {
    readonly invalid: string;
    /** What is wrong with it, to follow its text in a message. */
    readonly problem: string;
}
/**
 * Compiles patterns such as `*.ts`, `src/**`, `docs/[a-c]?.{md,txt}`; a path is meant when one of them fits.
 *
 * A pattern without a slash is about the last name, wherever it is. With
 * `andBelow`, everything below what is meant is meant too. Matching takes time
 * in proportion to pattern times path, whatever the pattern is.
 *
 * @returns the pattern that cannot be read, instead, when there is one.
 */
export declare function compileGlobs(patterns: readonly string[], { andBelow, maxCharacters }?: GlobOptions): PathMatcher | UnreadableGlob;

// dist/files/list-files-tool.d.ts
import { type Tool } from '@starling/tool';
import { type FileToolOptions } from './file-options.ts';
/** How {@link createListFilesTool} may be set up. */
export interface ListFilesToolOptions extends FileToolOptions {
    /** The most entries that one call returns. Default: 1,000. */
    readonly maxEntries?: number | undefined;
    /** Names of folders that are shown and not gone into. Default: `.git` and `node_modules`. */
    readonly skipFolders?: readonly string[] | undefined;
}
/**
 * Creates the tool `list_files`, which lists a folder below the root, or everything below it.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createListFilesTool({ root: './docs' })]
 * ```
 */
export declare function createListFilesTool(options: ListFilesToolOptions): Tool;

// dist/files/read-file-tool.d.ts
import { type Tool } from '@starling/tool';
import { type FileToolOptions } from './file-options.ts';
/** How {@link createReadFileTool} may be set up. */
export interface ReadFileToolOptions extends FileToolOptions {
    /** The most that one call returns, in bytes. Default: 256 KiB. */
    readonly maxBytes?: number | undefined;
    /** What becomes of a file that is not text. Default: `omit`. */
    readonly binary?: 'omit' | 'base64' | undefined;
    /** Show the model images (PNG, JPEG, GIF, WebP) beside the result; the model must be one that sees. Default: `false`. */
    readonly attachImages?: boolean | undefined;
}
/**
 * Creates the tool `read_file`, which reads a text file below a folder, whole or in part.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createReadFileTool({ root: './docs', exclude: ['.env'] })]
 * ```
 */
export declare function createReadFileTool(options: ReadFileToolOptions): Tool;

// dist/files/search-files-tool.d.ts
import { type Tool } from '@starling/tool';
import { type FileToolOptions } from './file-options.ts';
/** How {@link createSearchFilesTool} may be set up. */
export interface SearchFilesToolOptions extends FileToolOptions {
    /** The most matches that one call returns. Default: 200. */
    readonly maxMatches?: number | undefined;
    /** Larger files are passed over and counted. Default: 2 MiB. */
    readonly maxFileBytes?: number | undefined;
    /** A search ends after this many milliseconds, with what it has found. Default: 10,000. */
    readonly timeoutMs?: number | undefined;
    /** Names of folders that are not gone into. Default: `.git` and `node_modules`. */
    readonly skipFolders?: readonly string[] | undefined;
}
/**
 * Creates the tool `search_files`, which finds lines in the text files below a folder.
 *
 * Regular expressions run in a thread of their own, which is ended when the
 * time is over: a pattern that takes for ever costs no more than that.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createSearchFilesTool({ root: './docs', exclude: ['*.min.js'] })]
 * ```
 */
export declare function createSearchFilesTool(options: SearchFilesToolOptions): Tool;

// dist/files/write-file-tool.d.ts
import { type Tool } from '@starling/tool';
import { type FileToolOptions } from './file-options.ts';
/** How {@link createWriteFileTool} may be set up. */
export interface WriteFileToolOptions extends FileToolOptions {
    /** The most that one call writes, in bytes of UTF-8. Default: 1 MiB. */
    readonly maxBytes?: number | undefined;
    /** Make the folders that a path needs. Default: `true`. */
    readonly createFolders?: boolean | undefined;
}
/**
 * Creates the tool `write_file`, which creates, replaces or extends text files below a folder.
 *
 * A replay never calls it, and after a crash it is not called again without asking.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createWriteFileTool({ root: './drafts', policy: { approval: true } })]
 * ```
 */
export declare function createWriteFileTool(options: WriteFileToolOptions): Tool;

// dist/index.d.ts
export { BuiltinToolError, type BuiltinToolErrorCode } from './builtin-tool-error.ts';
export type { FetchProxy, FetchToolOptions } from './fetch/fetch-options.ts';
export { createFetchTool } from './fetch/fetch-tool.ts';
export type { HostLookup } from './net/network-gate.ts';
export type { FileToolOptions } from './files/file-options.ts';
export { createReadFileTool, type ReadFileToolOptions } from './files/read-file-tool.ts';
export { createListFilesTool, type ListFilesToolOptions } from './files/list-files-tool.ts';
export { createSearchFilesTool, type SearchFilesToolOptions } from './files/search-files-tool.ts';
export { createWriteFileTool, type WriteFileToolOptions } from './files/write-file-tool.ts';
export { createShellTool, type ShellToolOptions } from './shell/shell-tool.ts';

// dist/net/host-list.d.ts
import { type IpRange } from './ip-address.ts';
/** A list of hosts and blocks of addresses, as an option names them. */
export interface HostList {
    /** The blocks of addresses in it. */
    readonly ranges: readonly IpRange[];
    /** Reports whether a host, as URLs have it, is in the list by name. */
    hasName(host: string): boolean;
}
/**
 * Reads a list of hosts: `example.com` is itself, `*.example.com` is every
 * name below it, `10.0.0.0/8` and `::1` are addresses.
 *
 * @returns the entry that is none of these, instead, when there is one.
 */
export declare function parseHostList(entries: readonly string[]): HostList | {
    readonly invalid: string;
};
/** The host of a URL without brackets and trailing dot; `undefined` when a part of the name is empty. */
export declare function hostOf(url: URL): string | undefined;

// dist/net/ip-address.d.ts
/** An address of the Internet Protocol as a number of 32 or 128 bits. */
export interface IpAddress {
    readonly version: 4 | 6;
    readonly value: bigint;
}
/** All addresses from `first` to `last`, both included. */
export interface IpRange {
    readonly version: 4 | 6;
    readonly first: bigint;
    readonly last: bigint;
}
/** Reads an address in its usual notation; anything else, a zone too, is `undefined`. */
export declare function parseIp(text: string): IpAddress | undefined;
/** Reads an address or a block of them, such as `10.0.0.0/8`; `undefined` for anything else. */
export declare function parseIpRange(text: string): IpRange | undefined;
/** Reports whether `range` has `address` in it. */
export declare function containsIp(range: IpRange, address: IpAddress): boolean;
/** Writes an address; IPv6 in full groups, which is enough for an error. */
export declare function formatIp({ version, value }: IpAddress): string;

// dist/net/network-gate.d.ts
import { type HostList } from './host-list.ts';
/** Asks for the addresses of a host. */
export type HostLookup = (host: string, options: {
    readonly signal: AbortSignal;
}) => Promise<readonly string[]>;
/** What may be reached. */
export interface NetworkRules {
    /** Nothing else is reached; `undefined` is every public host. */
    readonly allowHosts: HostList | undefined;
    /** Never reached; goes before everything else. */
    readonly denyHosts: HostList;
    /** Reached although it is not the public internet. */
    readonly allowPrivate: HostList;
    readonly lookup: HostLookup;
}
/** Stands between a tool and the network: lets through what the rules allow. */
export interface NetworkGate {
    /**
     * Reads an address, relative to `base` when there is one, and checks all that can be known without asking anyone.
     *
     * @throws `BuiltinToolError` `BUILTIN_REFUSED` in words for the model.
     */
    parse(text: string, base?: URL): URL;
    /**
     * Asks for the addresses of the host and checks every one of them; the connection must go to these and no others.
     *
     * Rejects with `BUILTIN_REFUSED`, with `BUILTIN_NOT_FOUND`, or with the reason of `signal`.
     */
    resolve(url: URL, signal: AbortSignal): Promise<readonly string[]>;
}
/** Creates a gate. */
export declare function createNetworkGate(rules: NetworkRules): NetworkGate;
/** The lookup of the operating system, which knows its hosts file too. */
export declare function lookupBySystem(host: string): Promise<readonly string[]>;

// dist/shell/shell-tool.d.ts
import { type Tool, type ToolPolicy } from '@starling/tool';
/** How {@link createShellTool} may be set up. */
export interface ShellToolOptions {
    /**
     * The programs that may be run: names that are looked for in `searchPath`, or absolute paths, which the model
     * calls by their last name. An object gives them names of your own: `{ test: '/srv/app/run-tests' }`.
     */
    readonly allow: readonly string[] | Readonly<Record<string, string>>;
    /** The folder that programs run in. Relative ones count from the working directory. */
    readonly cwd: string;
    /** The whole environment of the programs; nothing is taken over. Default: empty. */
    readonly env?: Readonly<Record<string, string>> | undefined;
    /** Folders to look for programs in, as in `PATH`. Default: the `PATH` of this process. */
    readonly searchPath?: string | undefined;
    /** A program that runs longer is ended, in milliseconds. Default: 30,000. */
    readonly timeoutMs?: number | undefined;
    /** How long a program has to end by itself, once it is asked to, before it is killed. Default: 2,000. */
    readonly killAfterMs?: number | undefined;
    /** The most that is kept of each of the two outputs, in bytes; from a longer one, its middle is left out. Default: 64 KiB. */
    readonly maxOutputBytes?: number | undefined;
    /** Laid over the tool's own policy. */
    readonly policy?: ToolPolicy | undefined;
}
/**
 * Creates the tool `shell`, which runs a program of a list: without a shell, so nothing in the arguments is ever a
 * command of its own.
 *
 * A replay never calls it, and after a crash it is not called again without asking.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createShellTool({ allow: ['git', 'rg'], cwd: './checkout', policy: { approval: true } })]
 * ```
 */
export declare function createShellTool(options: ShellToolOptions): Tool;
