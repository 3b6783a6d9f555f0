/** The ports a host brings itself; whatever is missing is conek's own. */
export interface Ports {
  /** Where records live, instead of SQLite at `Config.path`. */
  storage?: Storage | null | undefined
  /** How messages leave, instead of the WhatsApp Cloud API. */
  transport?: Transport | null | undefined
  /** Rules beside conek's own. They can tighten and never loosen. */
  policies?: readonly ConsentPolicy[] | null | undefined
  /** Who wraps the account's key, instead of the key file. */
  keys?: KeyProvider | null | undefined
  /** The time, instead of the computer's clock. */
  clock?: VirtualClock | null | undefined
}

/** A clock that a test drives: frozen, at any speed, or moved by hand. */
export declare class VirtualClock {
  /** A frozen clock that shows `start`. */
  constructor(start: Date)
  /** A frozen clock that shows `start`. */
  static at(start: Date): VirtualClock
  /** What it shows. */
  now(): Date
  /** Moves it forward by whole milliseconds. */
  advanceMs(by: number): void
  /** Moves it to `at`; a moment in the past leaves it where it is. */
  advanceTo(at: Date): void
  /** Lets `speed` seconds pass for each real one; 0 freezes it. */
  setSpeed(speed: number): void
}
