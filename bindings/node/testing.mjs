import testing from './testing.js'

export const { checkStorage, checkTransport, checkPolicy, checkKeys, fail, panic, panicLater } = testing
