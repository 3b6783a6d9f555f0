import type { AnyConekError, ConsentPolicy, KeyProvider, Parsed, Report, Storage, Transport, WebhookRequestInput } from './index.js'

/**
 * Checks every promise of the storage port on your storage: one case for each.
 *
 * Each case works in an account of its own, whose records stay behind: give it a storage made for this.
 */
export declare function checkStorage(mine: Storage): Promise<Report>

/** What the suite must be told about a transport. */
export interface TransportProbe {
  /** A phone number id that the transport may send from. */
  sender: string
  /**
   * Whether a stand-in that accepts every message is at the other end; by default nothing is there.
   * Never WhatsApp itself: the suite sends to +1 202 555 0100, a number of nobody.
   */
  accepting?: boolean | undefined
  /** A webhook that verifies; without one, what needs it is left out. */
  webhook?: WebhookRequestInput | undefined
  /** How many updates are in that webhook. */
  updates?: number | undefined
}

/** Checks every promise of the transport port that can be shown: check with and without `accepting`. */
export declare function checkTransport(mine: Transport, probe: TransportProbe): Promise<Report>

/** Checks that a rule answers each of the facts, in order, and the same way each time. */
export declare function checkPolicy(mine: ConsentPolicy): Promise<Report>

/** Checks that what a key provider wrapped comes back, and that nothing else does. */
export declare function checkKeys(mine: KeyProvider): Promise<Report>

/** Reads the body of a webhook of WhatsApp as conek's own transport does: for a transport of your tests. */
export declare function parseWebhook(body: Uint8Array): Parsed

/** Sends an error through the native side and throws what comes back: for tests of your error handling. */
export declare function fail(error: AnyConekError): Promise<never>

/** Panics inside the native side, which throws an `InternalError`: for tests of your error handling. */
export declare function panic(): never

/** The same in an asynchronous function. */
export declare function panicLater(): Promise<never>
