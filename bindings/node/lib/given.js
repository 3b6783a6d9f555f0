'use strict'
// What a host gives. JavaScript has two words for "nothing" and the addon knows one: in what is given, a
// field that is null is one that is missing.

/** `value` without fields that are null, however deep. It is left as it is, and copied only where it has some. */
function given(value) {
  if (value === null || typeof value !== 'object') return value
  let copy
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      const item = given(value[i])
      if (item !== value[i]) (copy ??= value.slice())[i] = item
    }
    return copy ?? value
  }
  const proto = Object.getPrototypeOf(value)
  // Bytes, dates and whatever else is no plain object.
  if (proto !== Object.prototype && proto !== null) return value
  for (const key of Object.keys(value)) {
    const field = value[key] === null ? undefined : given(value[key])
    if (field !== value[key]) (copy ??= { ...value })[key] = field
  }
  return copy ?? value
}

module.exports = { given }
