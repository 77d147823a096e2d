import { writeEmbedded } from './cbor-encode.ts'
import type { CborWriter } from './cbor-writer.ts'
import { BYTE, MAJOR } from './cbor.ts'
import { EventError } from './event-error.ts'
import type { IntegerWidth } from './payload-fields.ts'
import { expectedType, isEmptyValue, nestedPlan } from './payload-plan.ts'
import type { MapPlan, PlannedField } from './payload-plan.ts'

/** Writes `record` as the canonical map of `plan`, straight from its properties. */
export function writeMap(writer: CborWriter, plan: MapPlan, record: unknown): void {
  if (!isRecord(record))
    throw new EventError('EVENT_ENCODE', `${plan.name}: expected an object, got ${describe(record)}`)
  const head = writer.length
  writer.byte(MAJOR.map << 5)
  let count = 0
  for (const planned of plan.canonical) {
    const value = record[planned.field.property]
    if (planned.field.omit && isEmptyValue(value)) continue
    count++
    writer.raw(planned.keyBytes)
    writeField(writer, planned, value)
  }
  writer.patch(head, (MAJOR.map << 5) | count)
}

function writeField(writer: CborWriter, planned: PlannedField, value: unknown): void {
  const { type, width } = planned.field
  if (type === 'text' && typeof value === 'string') return writer.text(value)
  if (type === 'int' && typeof value === 'number' && fits(value, width)) return writer.integer(value)
  if (type === 'float' && typeof value === 'number') return writer.float(value)
  if (type === 'bool' && typeof value === 'boolean') return writer.byte(value ? BYTE.true : BYTE.false)
  if (type === 'map') return writeMap(writer, nestedPlan(planned), value)
  if (value === null && (type === 'bytes' || type === 'raw' || type === 'list')) return writer.byte(BYTE.null)
  if (value instanceof Uint8Array && type === 'bytes') return writer.bytes(value)
  if (value instanceof Uint8Array && type === 'raw') return writeEmbedded(writer, planned.name, value)
  if (Array.isArray(value) && type === 'list') return writeList(writer, nestedPlan(planned), value)
  throw new EventError(
    'EVENT_ENCODE',
    `${planned.name}: expected ${expectedType(planned.field)}, got ${describe(value)}`,
  )
}

function writeList(writer: CborWriter, plan: MapPlan, entries: readonly unknown[]): void {
  writer.head(MAJOR.array, entries.length)
  for (const entry of entries) writeMap(writer, plan, entry)
}

function fits(value: number, width: IntegerWidth | undefined): boolean {
  if (!Number.isInteger(value)) return false
  switch (width) {
    case 'u32':
      return value >= 0 && value < 2 ** 32
    case 'u64':
      return value >= 0 && value < 2 ** 64
    default:
      return value >= -(2 ** 63) && value < 2 ** 63
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value)
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}
