import testing from './testing.js'

export const { fail, panic, panicLater } = testing
