import type { AnyConekError, Report, Storage } from './index.js'

/**
 * Checks every promise of the storage port on your storage: one case for each.
 *
 * Each case works in an account of its own, whose records stay behind: give it a storage made for this.
 */
export declare function checkStorage(mine: Storage): Promise<Report>

/** Sends an error through the native side and throws what comes back: for tests of your error handling. */
export declare function fail(error: AnyConekError): Promise<never>

/** Panics inside the native side, which throws an `InternalError`: for tests of your error handling. */
export declare function panic(): never

/** The same in an asynchronous function. */
export declare function panicLater(): Promise<never>
