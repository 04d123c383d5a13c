/**
 * Authentication-Results as they stand in a letter (RFC 8601), and which of them are those of our own servers. Pure, also for browsers. A stranger can write
 * such fields too: only one counts that stands directly below the first Received, which home puts on every letter that it takes in, above the Received of the
 * server that it names, and that bears the name of a server of ours.
 */

/** `value`: raw, as behind the colon */
export type RawField = { readonly name: string; readonly value: string }

/** Unfolded; undefined: nobody of ours has looked. `authservIds`: of our own servers */
export function ownResults(headers: readonly RawField[], authservIds: readonly string[]): string | undefined {
  const received = headers.flatMap(({ name }, at) => (name.toLowerCase() === 'received' ? [at] : []))
  const [first, second] = received
  if (first === undefined || second === undefined) return undefined
  const by = /\bby\s+([^\s;()]+)/i.exec(unfolded(headers[second]?.value ?? ''))?.[1]?.toLowerCase()
  const own = new Set(authservIds.map(id => id.toLowerCase()))
  if (by === undefined || !own.has(by)) return undefined
  return headers
    .slice(first + 1, second)
    .filter(({ name }) => name.toLowerCase() === 'authentication-results')
    .map(({ value }) => unfolded(value))
    .find(value => authservIdOf(value) === by)
}

function authservIdOf(field: string): string {
  return withoutComments(field).split(';')[0]?.trim().split(/\s+/)[0]?.toLowerCase() ?? ''
}

export type MethodResult = {
  readonly method: string
  readonly result: string
  readonly properties: ReadonlyMap<string, string>
}

/** RFC 8601 §2.2; what does not fit the grammar is left out. */
export function parseResults(field: string): MethodResult[] {
  return split(withoutComments(field))
    .slice(1)
    .flatMap(entry => {
      const words = [...entry.matchAll(/([A-Za-z0-9._/-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]+)/g)]
      const [first, ...rest] = words.map(([, name = '', value = '']) => [name.toLowerCase(), unquoted(value)] as const)
      if (!first) return []
      const [method, result] = first
      return [{ method: method.split('/')[0] ?? method, result: result.toLowerCase(), properties: new Map(rest) }]
    })
}

/** At semicolons that stand in no quoted string */
function split(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^;"])+/g) ?? []
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
}

/** RFC 5322 §3.2.2: they nest, and quoted strings have none */
function withoutComments(text: string): string {
  let depth = 0
  let quoted = false
  let kept = ''
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (sign === '\\') {
      if (depth === 0) kept += text.slice(at, at + 2)
      at++
      continue
    }
    if (depth === 0 && sign === '"') quoted = !quoted
    if (!quoted && sign === '(') depth++
    if (depth === 0) kept += sign
    if (!quoted && sign === ')' && depth > 0) depth--
  }
  return kept
}

/** RFC 5322 §2.2.3 */
export function unfolded(value: string): string {
  return value.replace(/\r?\n(?=[ \t])/g, '').trim()
}
