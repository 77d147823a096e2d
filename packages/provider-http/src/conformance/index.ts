export { createFakeVendor, type FakeVendor } from './fake-vendor.ts'
export {
  type GoldenChunk,
  goldenChunks,
  type GoldenMessage,
  type GoldenReading,
  goldenRequest,
  type GoldenStream,
} from './golden-stream.ts'
export { describeHttpProvider, type HttpProviderHarness } from './http-provider.conformance.ts'
export {
  type LoopbackServer,
  openLoopbackServer,
  type ReceivedRequest,
  type Respond,
  respondInParts,
  respondWith,
  write,
  writeUntilClosed,
} from './loopback-server.ts'
export {
  type AnswerSoFar,
  collectChunks,
  collectUntilFailure,
  messageOf,
  partsOfAnswer,
  textOf,
  withUsageLast,
} from './read-answer.ts'
export { openScenarioServer, type ScenarioServer } from './scenario-server.conformance.ts'
