'use strict'
// The native addon, found by the loader that the build writes.

module.exports = require('./binding.js')
