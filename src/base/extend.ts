/**
 * `base` with `more` besides. Unlike a spread, what `base` computes when it is read (a getter over the configuration, which
 * may be read again) stays computed.
 */
export function extend<Base extends object, More extends object>(base: Base, more: More): Base & More {
  return Object.assign(Object.create(base) as Base, more)
}
