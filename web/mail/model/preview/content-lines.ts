/** The lines that calendars (RFC 5545 §3.1) and address cards (RFC 6350 §3.2) are made of, read for people: pure, and never failing. */

export type ContentLine = {
  /** Upper case, without a group */
  readonly name: string
  /** Names in upper case */
  readonly parameters: ReadonlyMap<string, string>
  readonly value: string
}

/** More are not looked at. */
const maxLines = 20_000

export function contentLines(text: string): readonly ContentLine[] {
  const whole = text.replaceAll(/\r?\n[ \t]/g, '').replaceAll(/=\r?\n/g, '')
  return whole.split(/\r?\n/, maxLines).flatMap(line => contentLine(line) ?? [])
}

function contentLine(line: string): ContentLine | undefined {
  const colon = endOfName(line)
  if (colon < 0) return undefined
  const [name = '', ...parameters] = line.slice(0, colon).match(/(?:"[^"]*"|[^;"])+/g) ?? []
  const named = parameters.map(one => {
    const equals = one.indexOf('=')
    // vCard 2.1 has bare words: TEL;WORK:
    return equals < 0
      ? (['TYPE', one] as const)
      : ([one.slice(0, equals).toUpperCase(), bare(one.slice(equals + 1))] as const)
  })
  const known = new Map(named)
  const value = line.slice(colon + 1)
  const isQuoted = /^quoted-printable$/i.test(known.get('ENCODING') ?? known.get('TYPE') ?? '')
  return {
    name: (name.split('.').at(-1) ?? '').toUpperCase(),
    parameters: known,
    value: isQuoted ? unquoted(value, known.get('CHARSET')) : value,
  }
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

/** RFC 2045 §6.7, as vCard 2.1 has it; in a charset that no browser knows it stays as it is */
function unquoted(value: string, charset = 'utf-8'): string {
  const octets = Array.from(value.matchAll(/=([0-9a-f]{2})|([^])/gi), ([, hex, sign]) =>
    hex === undefined ? (sign ?? '').charCodeAt(0) & 0xff : Number.parseInt(hex, 16),
  )
  try {
    return new TextDecoder(charset).decode(Uint8Array.from(octets))
  } catch {
    return value
  }
}

/** `\n`, `\,` and `\;` as what they mean. RFC 5545 §3.3.11 */
export function plainValue(value: string): string {
  return value.replaceAll(/\\([nN,;\\])/g, (_, sign: string) => (sign.toLowerCase() === 'n' ? '\n' : sign))
}

/** Of a structured value, those that say something */
export function pieces(value: string): string[] {
  return value
    .split(/(?<!\\);/)
    .map(one => plainValue(one).trim())
    .filter(one => one !== '')
}
