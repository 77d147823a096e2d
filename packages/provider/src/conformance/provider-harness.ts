import type { Provider } from '../provider.ts'
import type { RequestName } from './requests.ts'
import type { ConformanceScenario, ScenarioName } from './scenarios.ts'
import type { VendorReply } from './vendor-answer.ts'

/** A request as the vendor received it. */
export interface ReceivedRequest {
  /** Empty when there is none. */
  readonly url: string
  /** The names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body, as plain data. */
  readonly body: unknown
}

/** One provider against one vendor that plays a scenario. */
export interface OpenedScenario extends AsyncDisposable {
  readonly provider: Provider
  /** The requests that reached the vendor, in order. */
  requests(): readonly ReceivedRequest[]
  /** How many connections the provider holds open. */
  openConnections(): number
}

/** What a provider's test must bring to be put through the suite. */
export interface ProviderHarness {
  /** How the suite is titled. */
  readonly name: string
  /**
   * Makes a provider with the key `CONFORMANCE_KEY` whose vendor plays
   * `scenario`. Called once per check; the suite disposes of it.
   */
  open(scenario: ConformanceScenario): Promise<OpenedScenario>
  /** The scenarios that the vendor's protocol cannot express, each with the reason: they skip. Default: none. */
  readonly unsupported?: Partial<Readonly<Record<ScenarioName, string>>> | undefined
  /**
   * Whether the vendor names what it has counted before the answer ends, so that an answer that breaks off has it too. The
   * scenarios then name it with the content of a reply. Default: `false`, it comes at the end.
   */
  readonly earlyUsage?: boolean | undefined
  /** Models of the provider, where they differ in what they can do: one of each kind. Default: none. */
  readonly models?: readonly string[] | undefined
  /** What arrives of a reply, when the vendor's protocol carries less than all of it. Default: all of it. */
  carries?(reply: VendorReply): VendorReply
  /** Looks at the requests the suite makes, each under its name: the place for snapshots. Default: nothing. */
  onRequest?(name: RequestName, request: ReceivedRequest): void
}
