/** One span as `trace-runs.ts` prints it. */
export interface PrintedSpan {
  /** The names from the root to the span. */
  readonly path: string
  readonly kind: number
  readonly status: { readonly code: number; readonly message?: string | undefined }
  readonly attributes: Readonly<Record<string, unknown>>
  readonly schemaUrl?: string | undefined
}
