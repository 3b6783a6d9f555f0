import type { AnyConekError } from './index.js'

/** Sends an error through the native side and throws what comes back: for tests of your error handling. */
export declare function fail(error: AnyConekError): Promise<never>

/** Panics inside the native side, which throws an `InternalError`: for tests of your error handling. */
export declare function panic(): never

/** The same in an asynchronous function. */
export declare function panicLater(): Promise<never>
