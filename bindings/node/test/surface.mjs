// The surface that every language offers, as the generator wrote it.

import { readFileSync } from 'node:fs'

export const surface = JSON.parse(readFileSync(new URL('../../surface.json', import.meta.url), 'utf8'))

export const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())
