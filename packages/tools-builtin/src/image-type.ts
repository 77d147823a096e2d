/** How the formats begin that every vendor takes as an image, as Latin-1. */
const SIGNATURES: readonly { readonly mediaType: string; readonly starts: string; readonly goesOn?: string }[] = [
  { mediaType: 'image/png', starts: '\u0089PNG\r\n\u001A\n' },
  { mediaType: 'image/jpeg', starts: '\u00FF\u00D8\u00FF' },
  { mediaType: 'image/gif', starts: 'GIF87a' },
  { mediaType: 'image/gif', starts: 'GIF89a' },
  { mediaType: 'image/webp', starts: 'RIFF', goesOn: 'WEBP' },
]

/** After its first word, a RIFF file has its length, and then says what it is. */
const RIFF_KIND = 8
const LONGEST_SIGNATURE = 12

/** The media type of an image that models can look at, by its first bytes; `undefined` for anything else. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, LONGEST_SIGNATURE))
  return SIGNATURES.find(
    ({ starts, goesOn }) => text.startsWith(starts) && (goesOn === undefined || text.startsWith(goesOn, RIFF_KIND)),
  )?.mediaType
}
