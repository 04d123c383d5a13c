/** JSON pointers (RFC 6901) with the `*` of RFC 8620 §3.7, as result references use them. */
import type { Json } from './json.ts'

/** Undefined: the pointer is none, or names what is not there. `limit`: values that `*` may bring together. */
export function valueAt(root: Json, pointer: string, limit: number): Json | undefined {
  if (pointer === '') return root
  if (!pointer.startsWith('/')) return undefined
  const tokens: string[] = []
  for (const token of pointer.slice(1).split('/')) {
    if (/~(?![01])/.test(token)) return undefined
    tokens.push(token.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return walk(root, tokens, 0, { left: limit })
}

function walk(value: Json, tokens: readonly string[], from: number, budget: { left: number }): Json | undefined {
  let current = value
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at] ?? ''
    if (Array.isArray(current)) {
      if (token === '*') return overAll(current as readonly Json[], tokens, at + 1, budget)
      if (!/^(?:0|[1-9]\d{0,8})$/.test(token)) return undefined
      const item = (current as readonly Json[])[Number(token)]
      if (item === undefined) return undefined
      current = item
    } else if (typeof current === 'object' && current !== null) {
      if (!Object.hasOwn(current, token)) return undefined
      const member: Json | undefined = (current as { readonly [name: string]: Json })[token]
      if (member === undefined) return undefined
      current = member
    } else return undefined
  }
  return current
}

/** The rest of the pointer for each item; where that gives arrays, their items (one level). */
function overAll(
  items: readonly Json[],
  tokens: readonly string[],
  from: number,
  budget: { left: number },
): Json | undefined {
  const found: Json[] = []
  for (const item of items) {
    const value = walk(item, tokens, from, budget)
    if (value === undefined) return undefined
    const values = Array.isArray(value) ? (value as readonly Json[]) : [value]
    budget.left -= values.length
    if (budget.left < 0) return undefined
    for (const one of values) found.push(one)
  }
  return found
}
