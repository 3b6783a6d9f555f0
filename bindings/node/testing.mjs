import testing from './testing.js'

export const { checkStorage, checkTransport, checkPolicy, checkKeys, parseWebhook, fail, panic, panicLater } = testing
