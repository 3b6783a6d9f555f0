import testing from './testing.js'

export const { checkStorage, fail, panic, panicLater } = testing
