/** Reading what somebody else wrote into Authentication-Results. RFC 8601 §2.2 */

/** The result of the first entry of this method (`dmarc`), lower case; undefined when there is none. */
export function methodResult(value: string, method: string): string | undefined {
  for (const entry of withoutCommentsAndStrings(value).split(';')) {
    const [, name, result] = /^\s*([a-z0-9-]+)(?:\s*\/\s*[0-9]+)?\s*=\s*([a-z]+)(?=\s|$)/i.exec(entry) ?? []
    if (name?.toLowerCase() === method) return result?.toLowerCase()
  }
  return undefined
}

/** Comments become a blank, quoted strings empty quotes: nothing in them can look like an entry. */
function withoutCommentsAndStrings(value: string): string {
  let text = ''
  let depth = 0
  let quoted = false
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at)
    if (character === '\\' && (quoted || depth > 0)) at++
    else if (quoted) quoted = character !== '"'
    else if (character === '(') depth++
    else if (character === ')' && depth > 0) {
      depth--
      text += ' '
    } else if (depth === 0) {
      if (character === '"') {
        quoted = true
        text += '""'
      } else text += character
    }
  }
  return text
}
