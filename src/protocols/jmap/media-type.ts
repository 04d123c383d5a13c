const token = '[A-Za-z0-9!#$&^_.+-]{1,127}'
const parameter = `\\s*;\\s*${token}=(?:${token}|"[^"\\\\\\r\\n\\u0080-\\uffff]{0,200}")`
const type = new RegExp(`^${token}/${token}(?:${parameter}){0,4}$`)

/** What may stand in a Content-Type field, as it was given; undefined for all else (RFC 6838 §4.2). */
export function mediaType(text: string | null | undefined): string | undefined {
  return text !== null && text !== undefined && text.length <= 500 && type.test(text) ? text : undefined
}
