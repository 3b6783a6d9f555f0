import testing from './testing.js'

export const { checkStorage, checkTransport, fail, panic, panicLater } = testing
