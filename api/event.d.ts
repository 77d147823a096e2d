// dist/blake3-batch.d.ts
/** As many inputs as one batch takes. */
export declare const BATCH_INPUTS = 64;
/** Where an input may begin: at multiples of this. */
export declare const BLOCK_BYTES = 64;
/**
 * BLAKE3 over many short inputs in WebAssembly, four at a time. That takes half
 * as long as one after the other. Nothing is kept between calls.
 */
export interface BatchKernel {
    readonly input: Uint8Array;
    readonly output: Uint8Array;
    /** What to hash, eight words a chunk: place, length, number, flags and where the value goes. */
    readonly jobs: Uint32Array;
    /** The places of `input` and of `output` in the memory. */
    readonly inputAt: number;
    readonly outputAt: number;
    /** Hashes the first `count` chunks in `jobs`. */
    readonly batch: (count: number) => void;
    /** Replaces `count` blocks of 64 bytes in `input` by their digests, one after the other; spoils the three behind. */
    readonly pairs: (count: number) => void;
}
/** Instantiates the compiled code; `undefined` where that does not work. */
export declare function loadBatchKernel(webAssembly: unknown): BatchKernel | undefined;
/** The batch kernel of this process; `undefined` where WebAssembly does not work. */
export declare function batchKernel(): BatchKernel | undefined;
/** Hashes inputs that lie in the memory of a kernel; to be used up before anything else uses that kernel. */
export declare class InputBatch {
    #private;
    /** How many inputs have been added. */
    size: number;
    constructor(kernel: BatchKernel);
    /** Adds the `length` bytes at `start` in the kernel's input, a multiple of {@link BLOCK_BYTES}, as the next input. */
    add(start: number, length: number): void;
    /** Hashes all inputs: their digests in order, 32 bytes each, valid until the kernel is used again. */
    digests(): Uint8Array;
}
/**
 * Returns the digests of the blocks of 64 bytes in `blocks`, one after the other.
 *
 * Twice as fast as {@link blake3} over one after the other, without a call for each.
 */
export declare function hashBlocks(blocks: Uint8Array): Uint8Array;
/** Does what {@link hashBlocks} does, over `kernel` or portably without. */
export declare function hashBlocksWith(kernel: BatchKernel | undefined, blocks: Uint8Array): Uint8Array;

// dist/blake3-kernel.d.ts
/** Bytes in a chaining value, and in a digest. */
export declare const HASH_BYTES = 32;
/** Bytes in a chunk, the leaf of the BLAKE3 tree. */
export declare const CHUNK_BYTES = 1024;
/** As many bytes as {@link Blake3Kernel.hash} takes at once: 64 chunks. */
export declare const PIECE_BYTES = 65536;
/** As many results as one call yields. */
export declare const BATCH: number;
/** The flag that makes the result of {@link Blake3Kernel.hash} a digest. */
export declare const ROOT = 8;
/**
 * BLAKE3 in WebAssembly: bytes go into `input`, a call hashes them, results
 * come out in `output`, 32 bytes each. Chunks are numbered from the start of
 * what is hashed. Nothing is kept between calls.
 */
export interface Blake3Kernel {
    readonly input: Uint8Array;
    readonly output: Uint8Array;
    /** Hashes the first `length` bytes, at most one piece: a digest with {@link ROOT}, otherwise a chaining value. */
    readonly hash: (length: number, firstChunk: number, root: number) => void;
    /** Hashes `count` whole chunks into as many chaining values; at most {@link BATCH}. */
    readonly chunks: (count: number, firstChunk: number) => void;
    /** Joins `count` pairs of chaining values into as many parents; at most {@link BATCH}. */
    readonly parents: (count: number) => void;
    /** Joins one pair of chaining values into a digest. */
    readonly rootParent: () => void;
}
/**
 * Instantiates the compiled code with `webAssembly`, the global of that name.
 *
 * Returns `undefined` where there is none, or where it will not take this
 * code: no vectors, or a policy against compiling.
 */
export declare function loadBlake3Kernel(webAssembly: unknown): Blake3Kernel | undefined;
/** A copy of the first result in `output`. So short an array is faster filled by a loop than by `slice`. */
export declare function copyHash(output: Uint8Array): Uint8Array;
/** Instantiates compiled code, given in base64; `undefined` where that does not work. */
export declare function instantiate<Exports>(webAssembly: unknown, base64: string): Exports | undefined;
/** The memory of compiled code, and where bytes go in and values come out. */
export interface HashMemory {
    readonly memory: {
        readonly buffer: ArrayBuffer;
    };
    readonly INPUT: {
        readonly value: number;
    };
    readonly OUTPUT: {
        readonly value: number;
    };
}
/** The kernel of this process; `undefined` where WebAssembly does not work. */
export declare function blake3Kernel(): Blake3Kernel | undefined;

// dist/blake3.d.ts
import type { Blake3Kernel } from './blake3-kernel.ts';
/** A BLAKE3-256 hash over bytes that arrive piece by piece. */
export interface Blake3 {
    /** Adds `bytes` to what is hashed. */
    update(bytes: Uint8Array): this;
    /** The hash (32 bytes) of everything added so far; more may be added afterwards. */
    digest(): Uint8Array;
}
/**
 * Returns the BLAKE3-256 hash (32 bytes) of `bytes`.
 *
 * Runs in WebAssembly, about 1.2 µs per KB, or 0.6 µs from 4 KB on. Where
 * there is none it runs in plain JavaScript, some fifteen times slower.
 */
export declare function blake3(bytes: Uint8Array): Uint8Array;
/** Creates a hash to be fed piece by piece. */
export declare function createBlake3(): Blake3;
/** Creates a hash over `kernel`, or a portable one without. */
export declare function createBlake3With(kernel: Blake3Kernel | undefined): Blake3;
/** Returns the parent of two chaining values that follow each other in the tree. */
export declare function joinValues(kernel: Blake3Kernel, left: Uint8Array, right: Uint8Array): Uint8Array;
/** Returns the digest whose two subtrees have these chaining values. */
export declare function joinRoot(kernel: Blake3Kernel, left: Uint8Array, right: Uint8Array): Uint8Array;

// dist/bytes.d.ts
/** Returns `bytes` in hexadecimal, lower case, two digits a byte. */
export declare function toHex(bytes: Uint8Array): string;
/**
 * Reads hexadecimal digits of either case, two a byte, with nothing between them.
 *
 * @throws {@link EventError} `EVENT_DECODE` for an odd length or any other character.
 */
export declare function fromHex(text: string): Uint8Array;
/** Returns `bytes` in standard base64 (RFC 4648 section 4) with padding. */
export declare function toBase64(bytes: Uint8Array): string;
/**
 * Reads standard base64 (RFC 4648 section 4).
 *
 * Padding is required, and the unused bits of the last character must be zero,
 * so that every byte sequence has exactly one text.
 *
 * @throws {@link EventError} `EVENT_DECODE` for anything else.
 */
export declare function fromBase64(text: string): Uint8Array;
/** Reports whether `a` and `b` hold the same bytes. Not in constant time: for public hashes only. */
export declare function equalBytes(a: Uint8Array, b: Uint8Array): boolean;
/** Returns `text` in UTF-8; a lone surrogate becomes U+FFFD. */
export declare function utf8Encode(text: string): Uint8Array;
/**
 * Reads UTF-8, from `start` (default 0) up to but not including `end` (default: all).
 *
 * A byte order mark is kept as U+FEFF.
 *
 * @throws {@link EventError} `EVENT_DECODE` when the bytes are not valid UTF-8.
 */
export declare function utf8Decode(bytes: Uint8Array, start?: number, end?: number): string;
/**
 * Reads UTF-8, with one U+FFFD for every byte that is not part of a valid sequence.
 *
 * That is how Go reads invalid text. The platform's own decoder writes one
 * U+FFFD for a whole truncated sequence, which gives other bytes.
 */
export declare function utf8DecodeLossy(bytes: Uint8Array): string;

// dist/cbor-decode.d.ts
import type { CborValue } from './cbor.ts';
/** How {@link decodeCbor} decodes. */
export interface DecodeCborOptions {
    /** Levels of arrays, maps and tags upon tags; at most 1,000. Default: 32, the limit of the log format. */
    readonly maxDepth?: number | undefined;
    /** Elements of one array, or pairs of one map. Default: 131,072, the limit of the log format. */
    readonly maxElements?: number | undefined;
}
/**
 * Decodes one CBOR item strictly: no duplicate keys, no indefinite lengths, nothing behind the item, valid UTF-8.
 *
 * Nothing of the value is lost: an integer is a `number` when safe and a
 * `bigint` otherwise, a float a {@link CborFloat}, a map a `Map`, a tag a
 * {@link CborTag}. Encodings that are not the shortest are accepted, and not kept.
 *
 * @throws {@link EventError} `EVENT_DECODE`.
 */
export declare function decodeCbor(bytes: Uint8Array, options?: DecodeCborOptions): CborValue;
/** The unsigned integer that big-endian `bytes` stand for. */
export declare function bytesToBigint(bytes: Uint8Array): bigint;

// dist/cbor-encode.d.ts
import type { CborWriter } from './cbor-writer.ts';
import type { CborValue } from './cbor.ts';
/** What any call stack bears, with room for the callers; a cycle runs into it. */
export declare const MAX_DEPTH = 1000;
/**
 * Encodes `value` as canonical CBOR: the core deterministic encoding of RFC 8949, section 4.2.1.
 *
 * Shortest heads, definite lengths, map keys in bytewise order of their
 * encoding, floats in the shortest width that keeps their value.
 *
 * @throws {@link EventError} `EVENT_ENCODE` for a `number` that is not an
 * integer (wrap it in {@link CborFloat}), a malformed {@link CborRaw}, two keys
 * with the same encoding, or nesting beyond 1,000 levels (a cycle).
 */
export declare function encodeCbor(value: CborValue): Uint8Array;
/** Copies an item that is already encoded and that errors call `what`; no bytes stand for null. */
export declare function writeEmbedded(writer: CborWriter, what: string, item: Uint8Array): void;
/** Compares bytewise; a prefix comes before what it is a prefix of. */
export declare function compareBytes(a: Uint8Array, b: Uint8Array): number;
/** Compares ASCII keys by their encoding: the length is in the head, so shorter comes first. */
export declare function compareAsciiKeys(a: string, b: string): number;
/** Whether `key` is a text whose encoding has its characters as they are, so that {@link compareAsciiKeys} may compare it. */
export declare function isAsciiText(key: unknown): key is string;

// dist/cbor-output.d.ts
/**
 * Takes CBOR item by item, in the order in which they are encoded.
 *
 * For records of a known shape that are encoded often: nothing is built,
 * sorted or looked at twice. So it is up to the caller that a container is
 * followed by as many items as it announces, and that the keys of a map come
 * in canonical order (the shorter first, then bytewise).
 */
export interface CborOutput {
    /** Begins a map of `size` pairs: a key and a value each. */
    map(size: number): void;
    /** Begins an array of `size` elements. */
    array(size: number): void;
    /** Writes a text; a lone surrogate becomes U+FFFD. */
    text(value: string): void;
    /** Writes a byte string. */
    bytes(value: Uint8Array): void;
    /** Writes `true` or `false`. */
    boolean(value: boolean): void;
    /** Writes a null. */
    null(): void;
}

// dist/cbor-reader.d.ts
import { EventError } from './event-error.ts';
/** How deep and how wide an item may be. */
export interface CborLimits {
    /** Levels of arrays, maps and tags upon tags. */
    readonly maxDepth: number;
    /** Elements of one array, or pairs of one map. */
    readonly maxElements: number;
    /** Whether the content of the tags 0 to 3 must be of the type that they prescribe, also where it is only skipped. */
    readonly checkTags: boolean;
}
/** The limits of the log format for anything that is decoded. */
export declare const DECODE_LIMITS: CborLimits;
/** The limits for an item that is embedded verbatim and not decoded. */
export declare const EMBED_LIMITS: CborLimits;
/**
 * A cursor over CBOR bytes.
 *
 * Every read is checked against the end of the input before anything is
 * allocated for it, so a huge declared length costs nothing.
 */
export declare class CborReader {
    #private;
    readonly data: Uint8Array;
    /** Where the next item begins. */
    position: number;
    /** The major type of the last head. */
    major: number;
    /** The lower five bits of the last head's first byte. */
    info: number;
    /** The argument of the last head; the nearest double when it is beyond 2^53. */
    argument: number;
    constructor(bytes: Uint8Array);
    /** The first byte of the next item; -1 at the end of the input. */
    peek(): number;
    /** Reads the head of the next item into `major`, `info` and `argument`. */
    readHead(): void;
    /** The argument of the last head, exact. */
    bigArgument(): bigint;
    /** The float whose head was read last. */
    float(): number;
    /** Whether the last head was that of a float. */
    get isFloat(): boolean;
    /** Steps over the content of the string whose head was read last and returns where it begins. */
    stringStart(): number;
    /** The content of the byte string whose head was read last, as a copy. */
    bytes(): Uint8Array;
    /** The content of the text whose head was read last. */
    text(): string;
    /**
     * The number of items in the array or map whose head was read last: elements, or keys and values.
     *
     * `depth` is the level of this container, 1 for the outermost.
     */
    count(depth: number, limits: CborLimits): number;
    /** Refuses a tag 0 to 3, read last, in front of an item of a type that it does not allow. */
    checkTagContent(): void;
    /** Refuses bytes behind the outermost item. */
    expectEnd(): void;
    /** An error that names where the reader stands. */
    fail(message: string): EventError;
}

// dist/cbor-scan.d.ts
import { CborReader } from './cbor-reader.ts';
import type { CborLimits } from './cbor-reader.ts';
/**
 * Steps over the next item, checking that it is well-formed and within `limits`.
 *
 * `depth` is the level of the container that the item lies in, 0 for none.
 * Works without recursion, so that nesting cannot exhaust the stack.
 */
export declare function skipItem(reader: CborReader, depth: number, limits?: CborLimits): void;
/**
 * Checks that `bytes` are exactly one well-formed CBOR item that may be embedded verbatim.
 *
 * Definite lengths only, nothing behind the item, and content of the right
 * type under the tags 0 to 3. Key order, duplicates and UTF-8 are not looked at.
 *
 * @throws {@link EventError} `EVENT_DECODE` when they are not.
 */
export declare function checkWellFormed(bytes: Uint8Array): void;
/** Checks like {@link checkWellFormed} what is about to be embedded as `what`, and reports it as an encoding error. */
export declare function checkEmbeddable(bytes: Uint8Array, what: string): void;

// dist/cbor-to-json.d.ts
import { CborReader } from './cbor-reader.ts';
/** How {@link cborToJson} writes. */
export interface CborToJsonOptions {
    /**
     * Write exactly what the Go reference writes: an integral float as an
     * integer, so that reading the text back gives other bytes. Default: `false`.
     */
    readonly reference?: boolean | undefined;
}
/** How scalars are written as JSON, with those that JSON has no form of its own for. */
export interface JsonStyle {
    /** The JSON text of a text, also of a key. */
    text(value: string): string;
    /** The JSON text of an integer: a `number`, or a `bigint` from 2^53 - 1 on. Default: its digits. */
    integer?(value: number | bigint): string;
    /** The JSON text of a float. */
    float(value: number): string;
    /** The JSON text of a byte string. */
    bytes(value: Uint8Array): string;
}
/** What the reference writes. */
export declare const REFERENCE_STYLE: JsonStyle;
/**
 * Returns the canonical JSON text of one CBOR item: the form in which tool
 * arguments are shown to the model, hashed and handed to the tool.
 *
 * Compact; keys in the order of their UTF-8 bytes; `<`, `>`, `&`, U+2028 and
 * U+2029 escaped; integers exact; floats in their shortest form. A float that
 * would read back as an integer keeps a fraction (`1.0`), an infinity is
 * `1e400`. For every item that {@link jsonToCbor} made, text to CBOR to text
 * changes neither.
 *
 * What JSON cannot say becomes what comes closest: a byte string is its base64
 * text, a key that is a number the text of that number, a tagged item its
 * content.
 *
 * @throws {@link EventError} `EVENT_DECODE` when the bytes are not one
 * well-formed item without duplicate keys, `EVENT_JSON` for `NaN` (and, with
 * `reference`, for an infinity).
 */
export declare function cborToJson(bytes: Uint8Array, options?: CborToJsonOptions): string;
/**
 * Returns the canonical form of a JSON text, as {@link cborToJson} has it.
 *
 * @throws {@link EventError} `EVENT_JSON` when the text is not one JSON value.
 */
export declare function formatJsonCanonical(text: string | Uint8Array): string;
/** Reads the next item and returns its JSON text, however deeply it nests. */
export declare function formatItem(reader: CborReader, style: JsonStyle): string;
/** Reads the key of a map as text; one that is a container has no such form. */
export declare function readKey(reader: CborReader): string;

// dist/cbor-writer.d.ts
import type { CborOutput } from './cbor-output.ts';
/**
 * A growable buffer that CBOR items are written to, each with the shortest
 * head and floats in the shortest width that keeps their value.
 *
 * This is the one place where bytes are laid out; the encoders above it only
 * decide what is written, and in which order.
 */
export declare class CborWriter implements CborOutput {
    #private;
    /** How many bytes have been written. */
    length: number;
    /** Writes to `buffer` as long as its bytes fit, and to one of its own from then on. */
    constructor(buffer: Uint8Array);
    /** How many bytes fit before the buffer has to grow. */
    get capacity(): number;
    /** The bytes written so far, valid until the next write. */
    view(): Uint8Array;
    /** A copy of the bytes written so far. */
    toBytes(): Uint8Array;
    /** Writes one byte: a fixed item, or part of something prepared. */
    byte(value: number): void;
    /** Overwrites a byte that was written before. */
    patch(position: number, value: number): void;
    /** Writes the head of an item; `argument` is an integer below 2^64. */
    head(major: number, argument: number): void;
    /** Writes the head of an item whose argument may need all 64 bits. */
    headBig(major: number, argument: bigint): void;
    /** Writes an integer from -2^64 to 2^64 - 1. */
    integer(value: number): void;
    /** Writes an integer of any size; one beyond 64 bits becomes a bignum (tag 2 or 3). */
    bigint(value: bigint): void;
    /** Writes an integer from -2^63 to 2^63 - 1, sooner than {@link CborWriter.bigint} when it is a large one. */
    int64(value: bigint): void;
    /** Writes a float in the shortest of the three widths that keeps its value. */
    float(value: number): void;
    /** Writes a text as UTF-8; a lone surrogate becomes U+FFFD. */
    text(value: string): void;
    /** Writes a byte string. */
    bytes(value: Uint8Array): void;
    /** Writes the head of a map. */
    map(size: number): void;
    /** Writes the head of an array. */
    array(size: number): void;
    /** Writes a truth value. */
    boolean(value: boolean): void;
    /** Writes a null. */
    null(): void;
    /** Copies bytes that are already encoded. */
    raw(value: Uint8Array): void;
}
/** Returns what `use` makes of an empty writer. The writer must not be kept; nested calls get their own. */
export declare function withWriter<Result>(use: (writer: CborWriter) => Result): Result;

// dist/cbor.d.ts
/**
 * A number that is a CBOR float whatever its value.
 *
 * A plain `number` is always encoded as an integer, because in this format an
 * integer and a float of the same value are different bytes.
 */
export declare class CborFloat {
    readonly value: number;
    constructor(value: number);
}
/** One encoded CBOR item that is copied verbatim into the encoding around it. No bytes stand for null. */
export declare class CborRaw {
    readonly bytes: Uint8Array;
    constructor(bytes: Uint8Array);
}
/** A tagged item. Integers beyond 64 bits are plain `bigint`s; every other tag is kept as this. */
export declare class CborTag {
    readonly tag: number | bigint;
    readonly value: CborValue;
    constructor(tag: number | bigint, value: CborValue);
}
/** A simple value without a meaning of its own: 0 to 19 or 32 to 255. */
export declare class CborSimple {
    readonly value: number;
    constructor(value: number);
}
/** A map with text keys, as a plain object. Properties that are `undefined` are left out. */
export interface CborObject {
    readonly [key: string]: CborValue;
}
/**
 * Anything that CBOR can say.
 *
 * An integer is a `number` while it is safe and a `bigint` beyond; a float is
 * a {@link CborFloat}. Decoding yields `Map`s, never plain objects.
 */
export type CborValue = null | undefined | boolean | number | bigint | string | Uint8Array | CborFloat | CborRaw | CborTag | CborSimple | readonly CborValue[] | ReadonlyMap<CborValue, CborValue> | CborObject;
/** The major types of RFC 8949, the upper three bits of an item's first byte. */
export declare const MAJOR: {
    readonly unsigned: 0;
    readonly negative: 1;
    readonly bytes: 2;
    readonly text: 3;
    readonly array: 4;
    readonly map: 5;
    readonly tag: 6;
    readonly simple: 7;
};
/** The items that are one fixed byte. */
export declare const BYTE: {
    readonly false: 244;
    readonly true: 245;
    readonly null: 246;
    readonly undefined: 247;
    readonly float16: 249;
    readonly float32: 250;
    readonly float64: 251;
};

// dist/envelope.d.ts
import type { CborWriter } from './cbor-writer.ts';
import type { Event } from './event.ts';
/**
 * Encodes the envelope of an event, with the payload copied into it verbatim.
 *
 * These are the bytes that `hashEvent` hashes. A `null` in `prevHash`
 * and zero bytes there are different encodings; only `null` is right for the
 * first event.
 *
 * @throws {@link EventError} `EVENT_ENCODE` for a number out of range or a
 * payload that is not one well-formed CBOR item.
 */
export declare function encodeEnvelope(event: Event): Uint8Array;
/** Writes the envelope of an event; a payload that `isScanned` is copied without another look at it. */
export declare function writeEnvelope(writer: CborWriter, event: Event, isScanned: boolean): void;
/**
 * Decodes an encoded envelope as strictly as {@link decodePayload} does a payload.
 *
 * The payload in it is only checked to be well-formed, and may nest to any depth.
 *
 * @throws {@link EventError} `EVENT_DECODE`, also for a `seq` beyond
 * `Number.MAX_SAFE_INTEGER` or a `kind` beyond 255.
 */
export declare function decodeEnvelope(bytes: Uint8Array): Event;

// dist/event-error.d.ts
import { StarlingError } from './starling-error.ts';
/** Why something in this package was refused. */
export type EventErrorCode = 
/** Bytes or text do not decode: malformed, too deep, duplicate keys, a wrong type. */
'EVENT_DECODE'
/** A value cannot be encoded: out of range, of a wrong type, a malformed embedded item. */
 | 'EVENT_ENCODE'
/** A JSON text does not parse, or a value has no JSON form. */
 | 'EVENT_JSON'
/** An inclusion proof cannot be made, or does not have the shape of one. */
 | 'EVENT_PROOF';
/** An error of events, their encoding, their hashes or their proofs. */
export declare class EventError extends StarlingError<EventErrorCode> {
}

// dist/event-hash.d.ts
import type { BatchKernel } from './blake3-batch.ts';
import type { Event } from './event.ts';
/** Returns the hash of an event: BLAKE3-256 over its encoded envelope, 32 bytes. Throws like {@link encodeEnvelope}. */
export declare function hashEvent(event: Event): Uint8Array;
/**
 * Hashes like {@link hashEvent} an event whose payload has just been encoded or
 * scanned, so that it is known to be one well-formed item: it is not checked
 * again. With any other payload the hash is that of no event.
 */
export declare function hashScannedEvent(event: Event): Uint8Array;
/** How {@link hashEvents} hashes. */
export interface HashEventsOptions {
    /** Whether the payload of the event at `index` is known to be one well-formed item. Default: none is. */
    readonly isScanned?: ((index: number) => boolean) | undefined;
}
/**
 * Returns the hashes of `events` in order, 32 bytes each, one after the other.
 *
 * They are those of {@link hashEvent}, in half the time when there are many:
 * the hash before comes with each event, so nothing keeps them from being
 * hashed side by side. An event whose payload is known to be well-formed may be
 * taken like one of {@link hashScannedEvent}.
 *
 * @throws {@link EventError} like {@link encodeEnvelope}, for the first event that has no hash.
 */
export declare function hashEvents(events: readonly Event[], options?: HashEventsOptions): Uint8Array;
/** Does what {@link hashEvents} does, over `kernel` or one after the other without. */
export declare function hashEventsWith(kernel: BatchKernel | undefined, events: readonly Event[], { isScanned }: HashEventsOptions): Uint8Array;

// dist/event.d.ts
/**
 * One event of a run: the envelope, with its payload still in canonical CBOR.
 *
 * The payload bytes are kept verbatim, because the hash of the event covers
 * exactly these bytes. {@link decodePayload} reads them.
 */
export interface Event {
    /** The run this event belongs to; any non-empty text. */
    readonly runId: string;
    /** The position in the run: 1 for the first event, then dense. */
    readonly seq: number;
    /** The hash of the previous event (32 bytes); `null` for the first. */
    readonly prevHash: Uint8Array | null;
    /** When the event was emitted, in nanoseconds since the Unix epoch. */
    readonly ts: bigint;
    /** One of {@link KIND}, 0 to 255; an unknown kind is kept and passed through. */
    readonly kind: number;
    /** The payload: one canonical CBOR map. Empty bytes stand for CBOR null. */
    readonly payload: Uint8Array;
}

// dist/inclusion-proof.d.ts
/** Shows that one leaf stands at one position among a certain number of leaves. Plain data. */
export interface InclusionProof {
    /** The position of the leaf, from 0. In a run: `seq - 1`. */
    readonly index: number;
    /** How many leaves the root covers. In a run: all events before the terminal one. */
    readonly leafCount: number;
    /** The neighbours on the way from the leaf to the root; none where the node is paired with itself. */
    readonly siblings: readonly Uint8Array[];
    /** The last leaf. Where it stands shows how many there are. */
    readonly lastLeaf: Uint8Array;
    /** The neighbours on the way from the last leaf to the root. */
    readonly lastSiblings: readonly Uint8Array[];
}
/**
 * Makes the proof that `leaves[index]` is covered by the root over `leaves`.
 *
 * @throws {@link EventError} `EVENT_PROOF` when there is no such leaf, or when
 * two leaves on the way are equal (events of one run never are).
 * @throws RangeError for a leaf that has not 32 bytes.
 */
export declare function createInclusionProof(leaves: readonly Uint8Array[], index: number): InclusionProof;
/**
 * Reports whether `proof` shows that `leaf` is the leaf at `proof.index` of the `proof.leafCount` leaves under `root`.
 *
 * `leaf` is the hash of an event at hand and `root` one that is trusted; only
 * the proof may come from anywhere. Anything malformed is simply not a proof.
 *
 * The root alone does not fix the number of leaves, because the last node of
 * an odd level is paired with itself and `[a, b, c]` looks like `[a, b, c, c]`.
 * Two things together do, as leaves are distinct: a node may equal its sibling
 * only where the claimed count pairs it with itself, and the last leaf has to
 * be shown as well. Going down from the root, a wrong count differs from the
 * true one first at a node whose two children it takes to be equal when they
 * are not, or the other way round. With the count fixed, so is the position.
 */
export declare function verifyInclusionProof(proof: InclusionProof, leaf: Uint8Array, root: Uint8Array): boolean;

// dist/index.d.ts
export { blake3, createBlake3, type Blake3 } from './blake3.ts';
export { equalBytes, fromBase64, fromHex, toBase64, toHex, utf8Decode, utf8Encode } from './bytes.ts';
export { CborFloat, CborRaw, CborSimple, CborTag, type CborObject, type CborValue } from './cbor.ts';
export { decodeCbor, type DecodeCborOptions } from './cbor-decode.ts';
export { encodeCbor } from './cbor-encode.ts';
export type { CborOutput } from './cbor-output.ts';
export { checkWellFormed } from './cbor-scan.ts';
export { decodeEnvelope, encodeEnvelope } from './envelope.ts';
export { hashEvent, hashEvents, hashScannedEvent, type HashEventsOptions } from './event-hash.ts';
export { EventError, type EventErrorCode } from './event-error.ts';
export type { Event } from './event.ts';
export { createInclusionProof, verifyInclusionProof, type InclusionProof } from './inclusion-proof.ts';
export { isKnownKind, isTerminalKind, KIND, kindName, type Kind, type KindName } from './kinds.ts';
export { createMerkleAccumulator, merkleRoot, type MerkleAccumulator } from './merkle.ts';
export { decodePayload, encodePayload } from './payload-codec.ts';
export { payloadFields, type IntegerWidth, type PayloadField, type PayloadFieldType } from './payload-fields.ts';
export type { AssistantMessageCompleted, BudgetCaps, BudgetExceeded, ContextTruncated, PayloadByKind, PlannedToolUse, ReasoningEmitted, RunCancelled, RunCompleted, RunFailed, RunResumed, RunStarted, SideEffectRecorded, ToolCallCompleted, ToolCallFailed, ToolCallScheduled, ToolSchemaRef, TurnFailed, TurnStarted, RecordedAttachment, RecordedToolSource, RecordedCitation, RecordedPart, UsedRate, UserMessageAppended, } from './payloads.ts';
export { createTreeHash, type TreeHash } from './tree-hash.ts';
export { hasCode, isStarlingError, StarlingError, type StarlingErrorOptions } from './starling-error.ts';
export { cborToJson, formatJsonCanonical, type CborToJsonOptions } from './cbor-to-json.ts';
export { jsonToCbor } from './json-to-cbor.ts';
export { editDistance, nearestName, nearestNames } from './nearest-name.ts';
export { readableEvent, readableJson, type ReadableEvent, type ReadableValue } from './projection-readable.ts';
export { referenceJson, referencePayloadJson } from './projection-reference.ts';
export { formatUlid } from './ulid.ts';
export { decodeValue } from './value-decode.ts';
export { encodeValue } from './value-encode.ts';

// dist/json-scan.d.ts
import type { JsonValue } from './json.ts';
/** How {@link parseJson} reads. */
export interface ParseJsonOptions {
    /** Refuse an object in which a key comes twice, instead of keeping the last value. Default: `false`. */
    readonly uniqueKeys?: boolean | undefined;
}
/**
 * Reads one JSON value and keeps its numbers as they were written.
 *
 * The rules are those of the Go reference, whose bytes this must reproduce:
 *
 * - A number without fraction and exponent that fits a signed 64-bit integer
 *   is an integer (`-0` is 0). Every other one is a float; out of range it is
 *   an infinity or a zero.
 * - Of duplicate keys the last one wins, unless `uniqueKeys` refuses them.
 * - A byte of invalid UTF-8 and a lone surrogate become U+FFFD.
 * - Text after the value is an error, unless it begins with `}` or `]`: from
 *   there on everything is ignored.
 * - Arrays and objects nest at most 10,000 deep.
 *
 * @throws {@link EventError} `EVENT_JSON` with the reference's text.
 */
export declare function parseJson(text: string | Uint8Array, { uniqueKeys }?: ParseJsonOptions): JsonValue;

// dist/json-to-cbor.d.ts
import type { ParseJsonOptions } from './json-scan.ts';
import type { JsonValue } from './json.ts';
/**
 * Converts one JSON text to canonical CBOR and keeps its numbers exact.
 *
 * This is how tool arguments and results enter the log. {@link parseJson} has
 * the rules. Zero bytes are not a JSON text: callers put `{}` in place of
 * missing arguments and `null` in place of a missing result.
 *
 * @throws {@link EventError} `EVENT_JSON` when the text is not one JSON value.
 */
export declare function jsonToCbor(text: string | Uint8Array, options?: ParseJsonOptions): Uint8Array;
/** Encodes a JSON value as canonical CBOR, however deeply it nests. */
export declare function encodeJson(value: JsonValue): Uint8Array;

// dist/json.d.ts
import type { CborFloat } from './cbor.ts';
/**
 * A JSON value that keeps what `JSON.parse` loses about numbers.
 *
 * An integer is a `number` while it is safe and a `bigint` beyond; a literal
 * with a fraction or an exponent, or one beyond 64 bits, is a
 * {@link CborFloat}, whatever its value. An object is a `Map`, so that no key
 * is special. Every such value is a `CborValue` too.
 */
export type JsonValue = null | boolean | number | bigint | string | CborFloat | readonly JsonValue[] | ReadonlyMap<string, JsonValue>;

// dist/kinds.d.ts
/** The event kinds of the log format, by name. Numbers are part of the format and never change. */
export declare const KIND: {
    readonly RunStarted: 1;
    readonly UserMessageAppended: 2;
    readonly TurnStarted: 3;
    readonly ReasoningEmitted: 4;
    readonly AssistantMessageCompleted: 5;
    readonly ToolCallScheduled: 6;
    readonly ToolCallCompleted: 7;
    readonly ToolCallFailed: 8;
    readonly SideEffectRecorded: 9;
    readonly BudgetExceeded: 10;
    readonly ContextTruncated: 11;
    readonly RunCompleted: 12;
    readonly RunFailed: 13;
    readonly RunCancelled: 14;
    readonly RunResumed: 15;
    readonly TurnFailed: 16;
};
/** The name of an event kind. */
export type KindName = keyof typeof KIND;
/** The number of a known event kind. */
export type Kind = (typeof KIND)[KindName];
/** Returns the name of `kind`, or `Kind(<n>)` for one this version does not know. */
export declare function kindName(kind: number): string;
/** Reports whether this version knows `kind`. */
export declare function isKnownKind(kind: number): kind is Kind;
/** Reports whether `kind` ends a run: completed, failed or cancelled. */
export declare function isTerminalKind(kind: number): boolean;

// dist/merkle.d.ts
/**
 * Returns the Merkle root over `leaves`, the hashes of the events before the terminal one.
 *
 * Neighbours are hashed as a plain concatenation, level by level; the last
 * node of an odd level is paired with itself. One leaf is its own root, and no
 * leaves have a root of 32 zero bytes.
 *
 * Because of that pairing the leaves `[a, b, c]` and `[a, b, c, c]` share a
 * root. The events of a run are distinct, so this takes nothing away here;
 * {@link verifyInclusionProof} refuses to be fooled by it.
 */
export declare function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array;
/** A Merkle tree that grows by one leaf at a time. */
export interface MerkleAccumulator {
    /** How many leaves have been added. */
    readonly size: number;
    /** Adds the next leaf, 32 bytes. */
    append(leaf: Uint8Array): void;
    /** The root over the leaves so far: the same bytes as {@link merkleRoot}. */
    root(): Uint8Array;
}
/**
 * Creates an empty Merkle tree that keeps its right edge only.
 *
 * It holds at most 128 leaves and one node per level above them, O(log n);
 * adding a leaf hashes once on average, many leaves at a time, and the root
 * takes O(log n) hashes at any time.
 */
export declare function createMerkleAccumulator(): MerkleAccumulator;
/** Returns the parents of the nodes of one level, one after the other; the last of an odd number is paired with itself. */
export declare function hashLevel(nodes: Uint8Array): Uint8Array;
/** Returns the parent of two nodes. */
export declare function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array;

// dist/nearest-name.d.ts
/**
 * Finds the name that someone may have meant by another one: the same but for
 * case, a part of it, or one with at most a third of its letters changed, and no more than three.
 * `undefined` when none is near.
 */
export declare function nearestName(given: string, names: readonly string[]): string | undefined;
/** Like {@link nearestName}: all that are near, the nearest first. */
export declare function nearestNames(given: string, names: readonly string[]): readonly string[];
/** How many letters have to be put in, left out, replaced or swapped with the next: the optimal string alignment. */
export declare function editDistance(from: string, to: string): number;

// dist/payload-codec.d.ts
import type { Kind } from './kinds.ts';
import type { PayloadByKind } from './payloads.ts';
/**
 * Encodes a typed payload as one canonical CBOR map.
 *
 * Every key is present except those that are left out when empty. Integers
 * are the numbers they are, also beyond `Number.MAX_SAFE_INTEGER`.
 *
 * @throws {@link EventError} `EVENT_ENCODE` for a value of the wrong type or
 * range, or an embedded item that is not well-formed CBOR.
 */
export declare function encodePayload<K extends Kind>(kind: K, payload: PayloadByKind[K]): Uint8Array;
/**
 * Decodes the payload of an event of `kind`.
 *
 * Strict about the bytes (one item, definite lengths, valid UTF-8, no key
 * twice, 32 levels), tolerant about what they say: unknown keys are ignored,
 * a missing key or a null leaves the field at zero, empty or `null`, and the
 * order of keys is free. An embedded item keeps its bytes, also those of null.
 * An integer beyond `Number.MAX_SAFE_INTEGER` becomes the nearest double; read
 * the bytes with {@link decodeCbor} where the last digits matter.
 *
 * @throws {@link EventError} `EVENT_DECODE`.
 */
export declare function decodePayload<K extends Kind>(kind: K, bytes: Uint8Array): PayloadByKind[K];

// dist/payload-fields.d.ts
/** The type of a payload field on the wire. */
export type PayloadFieldType = 'text' | 'bytes' | 'int' | 'float' | 'bool' | 'raw' | 'list' | 'map';
/** The range of an integer field: unsigned 32 or 64 bits, signed 64 bits. */
export type IntegerWidth = 'u32' | 'u64' | 'i64';
/** One field of a payload. */
export interface PayloadField {
    /** The key on the wire, in snake case. */
    readonly key: string;
    /** The property of the typed payload, in camel case. */
    readonly property: string;
    readonly type: PayloadFieldType;
    /** Whether the wire leaves the key out when the value is zero or empty. A map is left out only when absent. */
    readonly omit: boolean;
    /** Whether the typed payload has `null` for a missing key; a `raw` that has not is empty bytes instead. */
    readonly nullable: boolean;
    /** The range of an `int`; `undefined` for every other type. */
    readonly width: IntegerWidth | undefined;
    /** The fields of a `map`, or of each map in a `list`; empty for every other type. */
    readonly fields: readonly PayloadField[];
}
/**
 * Returns the fields of a payload in declaration order, the order of the JSON
 * projections (the wire has canonical order); `undefined` for an unknown kind.
 */
export declare function payloadFields(kind: number): readonly PayloadField[] | undefined;

// dist/payloads.d.ts
/**
 * The typed payloads. Property names are the camel-case form of the wire keys
 * (`turn_id` is `turnId`). Byte fields are `null` where the wire has CBOR null.
 * Optional properties are the keys that the wire omits when empty; those
 * marked *extension* are additions of this runtime that the Go reference
 * ignores.
 */
import type { KIND } from './kinds.ts';
/** The caps that a run was started with; an absent one is no cap. */
export interface BudgetCaps {
    readonly maxInputTokens?: number | undefined;
    readonly maxOutputTokens?: number | undefined;
    readonly maxUsd?: number | undefined;
    readonly maxWallClockMs?: number | undefined;
    /** Extension: cap on input and output tokens together. */
    readonly maxTotalTokens?: number | undefined;
    /** Extension: cap on tool calls. */
    readonly maxToolCalls?: number | undefined;
}
/** A tool as recorded at the start of a run. */
export interface ToolSchemaRef {
    readonly name: string;
    /** BLAKE3-256 of the schema text, 32 bytes. */
    readonly schemaHash: Uint8Array | null;
}
/** Where some of the tools of a run came from, with what makes them again. */
export interface RecordedToolSource {
    readonly name: string;
    /** Names, descriptions, schemas and all that a source needs to offer the same tools again, as one JSON text. */
    readonly catalogue: string;
}
/** An image or a file that went to the model beside a text: either its bytes or its address. */
export interface RecordedAttachment {
    /** `image` or `file`. */
    readonly type: string;
    /** Such as `image/png`. */
    readonly mediaType: string;
    readonly data?: Uint8Array | undefined;
    readonly url?: string | undefined;
    readonly name?: string | undefined;
}
/** One part of an answer, in its order. */
export interface RecordedPart {
    /**
     * - `text`: the next `length` bytes of the answer's text.
     * - `reasoning`: the next `ReasoningEmitted` of the turn's last attempt.
     * - `tool_use`: the next of the answer's tool uses.
     * - `opaque`: `data`, which only the provider understands.
     */
    readonly type: string;
    /** UTF-8 bytes of a text. */
    readonly length?: number | undefined;
    /** One JSON text. */
    readonly data?: string | undefined;
    readonly signature?: Uint8Array | undefined;
    /** What a text is based on. */
    readonly citations?: readonly RecordedCitation[] | undefined;
}
/** A citation as the provider gave it. */
export interface RecordedCitation {
    /** One JSON text. */
    readonly data: string;
}
/** The first event of every run. */
export interface RunStarted {
    /** Version of the event schema; 1. */
    readonly schemaVersion: number;
    readonly goal: string;
    readonly providerId: string;
    readonly modelId: string;
    readonly apiVersion: string;
    readonly paramsHash: Uint8Array | null;
    /**
     * Provider parameters as one CBOR item, verbatim; write `null` when there are none.
     * Like every embedded item it reads back as its bytes: one recorded as absent is the byte `f6`,
     * and `null` is only a key that is missing.
     */
    readonly params: Uint8Array | null;
    readonly systemPromptHash: Uint8Array | null;
    readonly systemPrompt: string;
    readonly toolRegistryHash: Uint8Array | null;
    /** Sorted by name; `null` only in hand-built events. */
    readonly toolSchemas: readonly ToolSchemaRef[] | null;
    readonly budget?: BudgetCaps | undefined;
    readonly starlingVersion?: string | undefined;
    readonly appVersion?: string | undefined;
    /** Extension: the engine rules this run was recorded under; absent or 0: those of the Go reference. */
    readonly engine?: number | undefined;
    /** Extension: the run that this one continues or was forked from. */
    readonly parentRunId?: string | undefined;
    /** Extension: the Merkle root of the parent run. */
    readonly parentRoot?: Uint8Array | undefined;
    /** Extension: the settings of every model call, one CBOR map under the names of the agent's options; absent when none is set. */
    readonly settings?: Uint8Array | undefined;
    /** Extension: what came with the goal. */
    readonly attachments?: readonly RecordedAttachment[] | undefined;
    /** Extension: BLAKE3-256 over {@link RunStarted.policy}, 32 bytes. */
    readonly policyHash?: Uint8Array | undefined;
    /** Extension: the rules on tool calls that are in force, one canonical CBOR item. */
    readonly policy?: Uint8Array | undefined;
    /** Extension: the sources of tools that the agent asked, in its order. */
    readonly toolSources?: readonly RecordedToolSource[] | undefined;
}
/** A message that was added to the run. */
export interface UserMessageAppended {
    readonly content: string;
    /** Extension: who asks, when it is no person: `output`, for an answer that matches the schema of the agent. */
    readonly origin?: string | undefined;
    /** Extension: what came with the message. */
    readonly attachments?: readonly RecordedAttachment[] | undefined;
}
/** A model call is about to be made. */
export interface TurnStarted {
    /** A ULID. */
    readonly turnId: string;
    /** BLAKE3-256 of the canonical request. */
    readonly promptHash: Uint8Array | null;
    /** The estimate made before the call, not what the provider reported. */
    readonly inputTokens: number;
}
/** One reasoning block of the model. */
export interface ReasoningEmitted {
    readonly turnId: string;
    /** The text; for a redacted block the provider's opaque data. */
    readonly content: string;
    readonly sensitive: boolean;
    readonly signature?: Uint8Array | undefined;
    readonly redacted?: boolean | undefined;
}
/** A tool call that the model planned. */
export interface PlannedToolUse {
    readonly callId: string;
    readonly tool: string;
    /** The arguments, one canonical CBOR item; when they were not JSON, their text. */
    readonly args: Uint8Array;
    /** Extension: why the arguments are not JSON. */
    readonly argsError?: string | undefined;
}
/** The model's answer; closes a turn. */
export interface AssistantMessageCompleted {
    readonly turnId: string;
    readonly text: string;
    readonly toolUses?: readonly PlannedToolUse[] | undefined;
    /** The provider's own word for why it stopped. */
    readonly stopReason: string;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cacheReadTokens?: number | undefined;
    readonly cacheCreateTokens?: number | undefined;
    readonly costUsd: number;
    readonly rawResponseHash: Uint8Array | null;
    readonly providerRequestId?: string | undefined;
    /** Extension: the normalised stop reason. */
    readonly finishReason?: string | undefined;
    /** Extension: the part of the output tokens spent on reasoning. */
    readonly reasoningTokens?: number | undefined;
    /** Extension: those of `cacheCreateTokens` whose entry lives an hour. */
    readonly cacheCreateLongTokens?: number | undefined;
    /** Extension: the rates that `costUsd` was computed with, USD per million tokens. */
    readonly rate?: UsedRate | undefined;
    /** Extension: the order of the answer's parts; absent when it is reasoning, then text, then tool uses, and nothing else. */
    readonly parts?: readonly RecordedPart[] | undefined;
    /** Extension: the provider that answered, when it was not the run's own. */
    readonly providerId?: string | undefined;
    /** Extension: the model that answered, when it was not the run's own. */
    readonly modelId?: string | undefined;
}
/** The rates a cost was computed with, USD per million tokens. */
export interface UsedRate {
    readonly input?: number | undefined;
    readonly output?: number | undefined;
    readonly cacheRead?: number | undefined;
    readonly cacheWrite?: number | undefined;
    /** Absent when it is the same as `cacheWrite`. */
    readonly cacheWriteLong?: number | undefined;
    readonly reasoning?: number | undefined;
}
/** One attempt of a tool call is about to be made. */
export interface ToolCallScheduled {
    readonly callId: string;
    readonly turnId: string;
    readonly tool: string;
    /** The arguments, one canonical CBOR item. */
    readonly args: Uint8Array;
    /** 1-based. */
    readonly attempt: number;
    /** Handed to the tool, so that a repeated attempt can be recognised. */
    readonly idempKey?: string | undefined;
    /** Extension: the planned call that this one, made after a resume, stands in for. */
    readonly reissueOf?: string | undefined;
}
/** A tool call returned. */
export interface ToolCallCompleted {
    readonly callId: string;
    /** One canonical CBOR item. */
    readonly result: Uint8Array;
    readonly durationMs: number;
    readonly attempt: number;
    /** Extension: what came with the result. */
    readonly attachments?: readonly RecordedAttachment[] | undefined;
}
/** An attempt of a tool call failed. */
export interface ToolCallFailed {
    readonly callId: string;
    readonly error: string;
    /** `panic`, `cancelled`, `tool`, `timeout`, …; free text for readers. */
    readonly errorType: string;
    readonly durationMs: number;
    readonly attempt: number;
    /** True on the last attempt. */
    readonly final?: boolean | undefined;
    /** Extension: how long the next attempt was held back, in milliseconds. */
    readonly retryAfterMs?: number | undefined;
}
/** Something that happened outside the log's own arithmetic, recorded for replay. */
export interface SideEffectRecorded {
    readonly name: string;
    /** One CBOR item. */
    readonly value: Uint8Array;
    /** Extension: the tool call inside which it happened. */
    readonly callId?: string | undefined;
    /** Extension: the attempt of that call. */
    readonly attempt?: number | undefined;
    /** Extension: how many side effects of this name the attempt had asked for before this one. */
    readonly ordinal?: number | undefined;
    /** Extension: the error, when the side effect failed. */
    readonly error?: string | undefined;
}
/** A budget cap was crossed. */
export interface BudgetExceeded {
    /** `input_tokens`, `output_tokens`, `usd`, `wall_clock`; extensions `total_tokens`, `tool_calls`. */
    readonly limit: string;
    readonly cap: number;
    readonly actual: number;
    /** `pre_call` or `mid_stream`; extension `post_call`. */
    readonly where: string;
    readonly turnId?: string | undefined;
    readonly callId?: string | undefined;
    readonly partialText?: string | undefined;
    readonly partialTokens?: number | undefined;
}
/** What the model sees of the history was shortened. */
export interface ContextTruncated {
    readonly strategy: string;
    readonly tokensBefore: number;
    readonly tokensAfter: number;
    readonly messagesBefore: number;
    readonly messagesAfter: number;
}
/** The run ended well. */
export interface RunCompleted {
    readonly finalText: string;
    readonly turnCount: number;
    readonly toolCallCount: number;
    readonly totalCostUsd: number;
    readonly totalInputTokens: number;
    readonly totalOutputTokens: number;
    readonly durationMs: number;
    readonly merkleRoot: Uint8Array | null;
}
/** The run ended in an error. */
export interface RunFailed {
    readonly error: string;
    /** `budget`, `max_turns`, `tool`, `provider`, `internal`; extension `output`. */
    readonly errorType: string;
    readonly merkleRoot: Uint8Array | null;
    readonly durationMs: number;
}
/** The run was cancelled. */
export interface RunCancelled {
    readonly reason: string;
    readonly merkleRoot: Uint8Array | null;
    readonly durationMs: number;
}
/** The run was taken up again after its process ended. */
export interface RunResumed {
    readonly atSeq: number;
    readonly extraMessage?: string | undefined;
    readonly reissueTools: boolean;
    readonly pendingCalls: number;
}
/** A model call failed; extension kind, written inside the still open turn. */
export interface TurnFailed {
    readonly turnId: string;
    /** 1-based attempt of this turn's model call. */
    readonly attempt: number;
    readonly error: string;
    /**
     * The class of the provider's error: `auth`, `billing`, `rate_limit`, `overloaded`, `server`, `network`, `timeout`,
     * `context_overflow`, `content_filter`, `rejected`, `invalid_stream`, `invalid_options`.
     */
    readonly errorClass: string;
    /** What happens next: `retry`, `fallback` to another provider or model, or `fail`. */
    readonly next: string;
    /** HTTP status, when there was one. */
    readonly status?: number | undefined;
    readonly partialText?: string | undefined;
    readonly retryAfterMs?: number | undefined;
    /** The provider that failed, where one of several was asked. */
    readonly providerId?: string | undefined;
    /** The model that failed, where one of several was asked. */
    readonly modelId?: string | undefined;
    /** What the attempt had used when it failed, as far as the provider had said; part of the run's totals. */
    readonly inputTokens?: number | undefined;
    readonly outputTokens?: number | undefined;
    readonly cacheReadTokens?: number | undefined;
    readonly cacheCreateTokens?: number | undefined;
    /** Those of `cacheCreateTokens` whose entry lives an hour. */
    readonly cacheCreateLongTokens?: number | undefined;
    readonly reasoningTokens?: number | undefined;
    readonly costUsd?: number | undefined;
    /** The rates that `costUsd` was computed with, USD per million tokens. */
    readonly rate?: UsedRate | undefined;
}
/** The payload type of each kind. */
export interface PayloadByKind {
    readonly [KIND.RunStarted]: RunStarted;
    readonly [KIND.UserMessageAppended]: UserMessageAppended;
    readonly [KIND.TurnStarted]: TurnStarted;
    readonly [KIND.ReasoningEmitted]: ReasoningEmitted;
    readonly [KIND.AssistantMessageCompleted]: AssistantMessageCompleted;
    readonly [KIND.ToolCallScheduled]: ToolCallScheduled;
    readonly [KIND.ToolCallCompleted]: ToolCallCompleted;
    readonly [KIND.ToolCallFailed]: ToolCallFailed;
    readonly [KIND.SideEffectRecorded]: SideEffectRecorded;
    readonly [KIND.BudgetExceeded]: BudgetExceeded;
    readonly [KIND.ContextTruncated]: ContextTruncated;
    readonly [KIND.RunCompleted]: RunCompleted;
    readonly [KIND.RunFailed]: RunFailed;
    readonly [KIND.RunCancelled]: RunCancelled;
    readonly [KIND.RunResumed]: RunResumed;
    readonly [KIND.TurnFailed]: TurnFailed;
}

// dist/projection-readable.d.ts
import type { Event } from './event.ts';
/** Data that `JSON.stringify` writes without loss or error. */
export type ReadableValue = null | boolean | number | string | readonly ReadableValue[] | {
    readonly [key: string]: ReadableValue;
};
/** An event as plain data, for people and for programs that know nothing of CBOR. */
export type ReadableEvent = {
    readonly run_id: string;
    readonly seq: number;
    /** Nanoseconds since the Unix epoch, in decimal digits. */
    readonly ts: string;
    /** The same in ISO 8601, UTC, to the nanosecond; `null` outside of the years that a `Date` can say. */
    readonly time: string | null;
    /** The name of the kind; `Kind(<n>)` for one that this version does not know. */
    readonly kind: string;
    /** Only for a kind that this version does not know. */
    readonly kind_number?: number;
    /** In hexadecimal. */
    readonly prev_hash: string | null;
    /** The payload under its wire keys; see {@link readableEvent}. */
    readonly payload: ReadableValue;
};
/**
 * Returns an event as plain JSON data.
 *
 * The payload has the keys of the wire in declaration order, with the ones
 * that this version does not know behind them. Embedded CBOR (arguments,
 * results, recorded values, parameters) is real JSON. What JSON has no form
 * for is written so:
 *
 * - a byte field in hexadecimal; bytes inside embedded values as
 *   `{"$bytes": "<base64>"}`;
 * - an integer that is not safe as its digits in a string;
 * - an infinity or `NaN` as `{"$float": "Infinity"}`, `"-Infinity"` or `"NaN"`;
 * - a payload that does not decode as `{"$cbor": "<hex>", "$error": "<why>"}`.
 *
 * Never throws.
 */
export declare function readableEvent(event: Event): ReadableEvent;
/**
 * Returns an event as one line of JSON without the line end.
 *
 * The same as {@link readableEvent}, but integers are exact numbers whatever
 * their size, and a float inside an embedded value keeps a fraction or an
 * exponent (`1.0`), so that it can be told from an integer.
 *
 * Never throws.
 */
export declare function readableJson(event: Event): string;

// dist/projection-reference.d.ts
import type { Event } from './event.ts';
/**
 * Returns the payload of an event as the JSON object of the Go reference, byte for byte.
 *
 * Keys in declaration order, byte strings and embedded CBOR in base64,
 * integers exact, additions of this runtime left out.
 *
 * @throws {@link EventError} `EVENT_DECODE` for a payload that does not decode
 * and for a kind that the reference does not know, `EVENT_JSON` for a float
 * without a JSON form.
 */
export declare function referencePayloadJson({ kind, payload }: Pick<Event, 'kind' | 'payload'>): string;
/**
 * Returns an event as one line of the Go reference's export, byte for byte, without the line end.
 *
 * Lossy: the number of the kind and the hash of the event are not in it.
 *
 * @throws {@link EventError} like {@link referencePayloadJson}, with the seq
 * and the kind in front, in the words of the reference's export command.
 */
export declare function referenceJson(event: Event): string;

// dist/starling-error.d.ts
/** How a {@link StarlingError} is made. */
export interface StarlingErrorOptions extends ErrorOptions {
    /** True when doing the same thing again may succeed. Default: `false`. */
    readonly retryable?: boolean | undefined;
}
/**
 * The base of every error this project throws on purpose.
 *
 * Branch on {@link StarlingError.code}, never on the message or on the class:
 * codes are stable across versions, processes and copies of the package.
 */
export declare abstract class StarlingError<Code extends string = string> extends Error {
    /** The stable, machine-readable condition, `PACKAGE_CONDITION`. */
    readonly code: Code;
    /** True when doing the same thing again may succeed. */
    readonly retryable: boolean;
    constructor(code: Code, message: string, options?: StarlingErrorOptions);
}
/** Reports whether `value` is an error of this project, whichever copy or realm made it. */
export declare function isStarlingError(value: unknown): value is StarlingError;
/** Reports whether `value` is an error of this project with this `code`. */
export declare function hasCode<Code extends string>(value: unknown, code: Code): value is StarlingError<Code>;

// dist/tree-hash.d.ts
import type { Blake3Kernel } from './blake3-kernel.ts';
import type { CborOutput } from './cbor-output.ts';
/**
 * A long text of bytes that changes a little between one digest and the next.
 *
 * BLAKE3 is a tree over chunks of 1,024 bytes. This keeps the bytes and the
 * inner values of the tree, so that a digest costs what has changed since the
 * last one, plus one hash per level. Made for a request that grows turn by
 * turn: bytes are appended, and a length near the start is overwritten.
 */
export interface TreeHash {
    /** How many bytes there are. */
    readonly length: number;
    /** Adds `bytes` at the end. */
    append(bytes: Uint8Array): void;
    /** Adds what `write` encodes at the end, without an array in between. Nothing is added when `write` throws. */
    appendCbor(write: (output: CborOutput) => void): void;
    /**
     * Puts `bytes` in place of those from `start` up to `end`.
     *
     * With as many bytes as before, only the chunks they lie in are hashed
     * again; with more or fewer, everything from `start` on, because it moves.
     */
    replace(start: number, end: number, bytes: Uint8Array): void;
    /**
     * The BLAKE3-256 hash (32 bytes) of all bytes, followed by those of `tail`.
     *
     * The tail is not kept: the next append goes where it was. Default: empty.
     */
    digest(tail?: Uint8Array): Uint8Array;
}
/** Creates an empty {@link TreeHash}. */
export declare function createTreeHash(): TreeHash;
/** Creates a tree hash over `kernel`; without one, every digest hashes all bytes. */
export declare function createTreeHashWith(kernel: Blake3Kernel | undefined): TreeHash;

// dist/ulid.d.ts
/**
 * Formats a ULID: 26 characters of Crockford's base 32, the time in
 * milliseconds since the epoch in the first 10 and 80 random bits in the rest.
 *
 * Layout: https://github.com/ulid/spec.
 *
 * @throws {@link EventError} `EVENT_ENCODE` unless `random` has 10 bytes and the time 48 bits.
 */
export declare function formatUlid(timeMs: number, random: Uint8Array): string;

// dist/value-decode.d.ts
/**
 * Decodes one CBOR item to plain JavaScript data, the counterpart of `encodeValue`.
 *
 * Integers and floats become `number`s, integers that are not safe `bigint`s,
 * byte strings `Uint8Array`s. A map with text keys becomes a plain object, any
 * other one a `Map`. A tagged item is its content, an undefined one null.
 *
 * @throws {@link EventError} `EVENT_DECODE` when the bytes are not one item
 * that the log format allows.
 */
export declare function decodeValue(bytes: Uint8Array): unknown;

// dist/value-encode.d.ts
/**
 * Encodes plain JavaScript data as canonical CBOR, for side effects and parameters.
 *
 * - A `number` without a fraction that is safe becomes an integer, every other
 *   one (also `-0`, `NaN` and the infinities) a float. A `bigint` becomes an
 *   integer, beyond 64 bits a bignum.
 * - A `Uint8Array` becomes a byte string, a `Date` its ISO 8601 text.
 * - A `Map` becomes a map; its keys are texts or integers. Any other object
 *   becomes a map of its own enumerable properties with text keys.
 * - A `toJSON` method is honoured. `undefined` is left out of objects and is
 *   null elsewhere. A lone surrogate becomes U+FFFD.
 *
 * {@link decodeValue} gives the same data back, up to these conversions: what
 * it returns encodes to the same bytes again.
 *
 * @throws {@link EventError} `EVENT_ENCODE`, naming the path, for a function, a
 * symbol, an object of another built-in class, an invalid date, a cycle, or
 * nesting beyond the 31 levels that fit in a payload.
 */
export declare function encodeValue(value: unknown): Uint8Array;
