export { createMemoryEventLog } from './memory-event-log.ts'
export type { MemoryEventLogOptions } from './memory-event-log.ts'
