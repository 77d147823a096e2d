// dist/index.d.ts
export { McpError, type McpErrorCode } from './mcp-error.ts';
export type { McpCustomTransport, McpHttpTransport, McpRevision, McpSourceOptions, McpStdioTransport, McpTransport, } from './mcp-options.ts';
export { createMcpSource, type McpSource } from './mcp-source.ts';

// dist/mcp-error.d.ts
import { StarlingError } from '@starling/event';
/** Why an MCP server, or one of its tools, could not be used. */
export type McpErrorCode = 
/** The options of a source contradict themselves or name nothing usable. */
'MCP_INVALID_OPTIONS'
/** The server cannot be started or reached, or does not speak the protocol. */
 | 'MCP_CONNECTION_FAILED'
/** The server, or the authorization server before it, refuses the credentials or has none. */
 | 'MCP_UNAUTHORIZED'
/** What the server lists cannot be made tools. */
 | 'MCP_INVALID_CATALOGUE'
/** The server answered a request with an error of the protocol, or with what is no answer. */
 | 'MCP_REQUEST_FAILED'
/** The tool ran and reported that it failed. */
 | 'MCP_TOOL_FAILED';
/** An error of an MCP server. */
export declare class McpError extends StarlingError<McpErrorCode> {
}

// dist/mcp-options.d.ts
import type { OAuthClientProvider, Transport } from '@modelcontextprotocol/client';
import type { ToolPolicy } from '@starling/tool';
/** A server that is started as a child process and spoken to over its standard input and output. */
export interface McpStdioTransport {
    readonly type: 'stdio';
    /** The program, found on the `PATH`; no shell is involved. */
    readonly command: string;
    /** Default: none. */
    readonly args?: readonly string[] | undefined;
    /** What the server sees beside `HOME`, `LOGNAME`, `PATH`, `SHELL`, `TERM` and `USER`. Default: nothing more. */
    readonly env?: Readonly<Record<string, string>> | undefined;
    /** Default: the folder of this process. */
    readonly cwd?: string | undefined;
}
/** A server at an address, over streamable HTTP. */
export interface McpHttpTransport {
    readonly type: 'http';
    readonly url: string | URL;
    /** Sent with every request. Default: none. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /**
     * What authorizes the requests: a function that returns a bearer token, asked
     * before every request, or a provider of the SDK that does OAuth.
     *
     * Default: nothing.
     */
    readonly auth?: (() => string | undefined | Promise<string | undefined>) | OAuthClientProvider | undefined;
    /** Default: the global `fetch`. */
    readonly fetch?: ((url: string | URL, init?: RequestInit) => Promise<Response>) | undefined;
}
/** A server behind a transport of one's own. */
export interface McpCustomTransport {
    readonly type: 'custom';
    /** Makes a fresh transport of the SDK, unstarted, for every connection. */
    open(): Transport;
}
/** How a server is reached. */
export type McpTransport = McpStdioTransport | McpHttpTransport | McpCustomTransport;
/** The revisions of the protocol that can be asked for. */
export type McpRevision = '2026-07-28' | '2025-11-25';
/** How {@link createMcpSource} reaches a server and what it makes of it. */
export interface McpSourceOptions {
    /** Unique among the sources of an agent; 1 to 64 of `A-Z a-z 0-9 _ -`. The log names the server so. */
    readonly name: string;
    readonly transport: McpTransport;
    /** What the server is told about who calls. Default: `starling`, version `0.1.0`. */
    readonly client?: {
        readonly name: string;
        readonly version: string;
    } | undefined;
    /**
     * The revision to speak. `2026-07-28` takes no other; `2025-11-25` also takes those before it.
     *
     * Default: 2026-07-28 when the server speaks it, otherwise as for 2025-11-25.
     */
    readonly revision?: McpRevision | undefined;
    /** Stands before the name of every tool. Default: none. */
    readonly prefix?: string | undefined;
    /** The tools to take, by their names at the server. Default: all. */
    readonly include?: readonly string[] | undefined;
    /** The tools to leave out, by their names at the server; wins over `include`. Default: none. */
    readonly exclude?: readonly string[] | undefined;
    /** The policy of every tool. Default: none. */
    readonly policy?: ToolPolicy | undefined;
    /** Policies by the tools' names at the server, laid over `policy`. Default: none. */
    readonly policies?: Readonly<Record<string, ToolPolicy>> | undefined;
    /**
     * Whether to believe what the server says of its tools: `readOnlyHint` and
     * `idempotentHint` make a tool idempotent; `readOnlyHint: false` without `idempotentHint: true`
     * makes it the opposite.
     *
     * Default: `false`, which leaves `idempotent` unset.
     */
    readonly trustAnnotations?: boolean | undefined;
    /**
     * Give up on a call when the server is silent for this many milliseconds;
     * progress counts as a sign of life, a person who is asked does not count. Default: 60,000.
     */
    readonly callTimeoutMs?: number | undefined;
    /**
     * At most this many calls at once, of whatever tool and run. Default: no limit. Over a pipe, a server of before 2026 does
     * not say which of several calls asks a person: for one that does ask, 1 keeps every question with its call.
     */
    readonly concurrency?: number | undefined;
    /** Give up on a connection, and on a list of the tools with all its pages, after this many milliseconds. Default: 30,000. */
    readonly connectTimeoutMs?: number | undefined;
    /**
     * A result that is longer, as JSON text in UTF-8 bytes, is cut short and says so; structured
     * content, which cannot be cut, is a failure of the call. Default: 1 MiB; at least 256.
     */
    readonly maxOutputBytes?: number | undefined;
    /** Show the model no images, only that there are some. Default: `false`. */
    readonly textOnly?: boolean | undefined;
    /** Make `list_resources` and `read_resource`, when the server has resources. Default: `false`. */
    readonly resources?: boolean | undefined;
    /** Make `list_prompts` and `get_prompt`, when the server has prompts. Default: `false`. */
    readonly prompts?: boolean | undefined;
    /** Says of what a call failed with whether it is worth another attempt, beside what is known to be. Default: nothing more. */
    readonly transientErrorClassifier?: ((error: unknown) => boolean) | undefined;
    /** Called when the server says that it has other tools than before; the next run gets them either way. Default: nothing. */
    readonly onListChanged?: (() => void) | undefined;
}

// dist/mcp-source.d.ts
import { type ToolSource } from '@starling/tool';
import type { McpSourceOptions } from './mcp-options.ts';
/** The tools of one MCP server. */
export interface McpSource extends ToolSource, AsyncDisposable {
    /**
     * Ends the authorization of a user that the OAuth provider began, with the parameters of the address the user
     * came back to. Whether `state` is the one that was sent is for the caller to check.
     *
     * @throws {@link McpError} `MCP_UNAUTHORIZED` when the code is refused, `MCP_INVALID_OPTIONS` without such a provider.
     */
    finishAuth(callback: URLSearchParams): Promise<void>;
}
/**
 * Creates the source of the tools of one MCP server.
 *
 * The server is started, or connected, when its tools are listed or one of them
 * is called; all runs share the connection. Call `close()` when no more runs come.
 *
 * @throws {@link McpError} `MCP_INVALID_OPTIONS`.
 * @example
 * ```ts
 * const files = createMcpSource({
 *   name: 'files',
 *   transport: { type: 'stdio', command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '/srv/docs'] },
 *   exclude: ['write_file', 'edit_file', 'move_file', 'create_directory'],
 * })
 * ```
 */
export declare function createMcpSource(options: McpSourceOptions): McpSource;
