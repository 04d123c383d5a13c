/** The lines that calendars are made of (RFC 5545 §3.1), read for people: pure, and never failing. Cards have a reader of their own: formats/contacts. */

export type ContentLine = {
  /** Upper case */
  readonly name: string
  /** Names in upper case */
  readonly parameters: ReadonlyMap<string, string>
  readonly value: string
}

/** More are not looked at. */
const maxLines = 20_000

export function contentLines(text: string): readonly ContentLine[] {
  const whole = text.replaceAll(/\r?\n[ \t]/g, '')
  return whole.split(/\r?\n/, maxLines).flatMap(line => contentLine(line) ?? [])
}

function contentLine(line: string): ContentLine | undefined {
  const colon = endOfName(line)
  if (colon < 0) return undefined
  const [name = '', ...parameters] = line.slice(0, colon).match(/(?:"[^"]*"|[^;"])+/g) ?? []
  const named = parameters.map(one => {
    const [parameter = ''] = one.split('=', 1)
    return [parameter.toUpperCase(), bare(one.slice(parameter.length + 1))] as const
  })
  return { name: name.toUpperCase(), parameters: new Map(named), value: line.slice(colon + 1) }
}

/** The first colon that stands in no quotes */
function endOfName(line: string): number {
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') quoted = !quoted
    else if (line[at] === ':' && !quoted) return at
  }
  return -1
}

function bare(value: string): string {
  return value.replace(/^"(.*)"$/, '$1')
}

/** `\n`, `\,` and `\;` as what they mean. RFC 5545 §3.3.11 */
export function plainValue(value: string): string {
  return value.replaceAll(/\\([nN,;\\])/g, (_, sign: string) => (sign.toLowerCase() === 'n' ? '\n' : sign))
}
