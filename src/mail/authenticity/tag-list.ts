/** `tag=value; tag=value`: signatures, keys, seals and DMARC policies. RFC 6376 §3.2 */

export type TagList = ReadonlyMap<string, string>

const tagName = /^[A-Za-z][A-Za-z0-9_]*$/
/** VALCHAR and folding white space; values from the wild with UTF-8 in them are no keys and no signatures */
const tagValue = /^[!-:<-~ \t\r\n]*$/

/** Values without white space at their ends. Undefined when it is no tag list, or a tag stands twice. */
export function parseTagList(text: string): TagList | undefined {
  const tags = new Map<string, string>()
  const specs = text.split(';')
  if (isBlank(specs.at(-1) ?? '')) specs.pop()
  for (const spec of specs) {
    const at = spec.indexOf('=')
    if (at < 0) return undefined
    const name = trimBlanks(spec.slice(0, at))
    const value = trimBlanks(spec.slice(at + 1))
    if (!tagName.test(name) || !tagValue.test(value) || tags.has(name)) return undefined
    tags.set(name, value)
  }
  return tags
}

/** Colon-separated, with folding white space around the items. */
export function listValue(value: string): string[] {
  return value.split(':').map(trimBlanks)
}

export function withoutBlanks(value: string): string {
  return value.replace(/[ \t\r\n]+/g, '')
}

/** Only what mail calls white space: String.trim would also take the octet A0. */
export function trimBlanks(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isBlankAt(text, from)) from++
  while (to > from && isBlankAt(text, to - 1)) to--
  return text.slice(from, to)
}

/** Undefined when it is not base64, white space aside. */
export function base64Value(value: string): Uint8Array | undefined {
  const text = withoutBlanks(value)
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
}

function isBlank(text: string): boolean {
  return trimBlanks(text) === ''
}

function isBlankAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === 32 || code === 9 || code === 13 || code === 10
}
