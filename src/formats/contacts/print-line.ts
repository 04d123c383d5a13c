/** Content lines as they go into a file: parameters, and folds after 75 octets (RFC 6350 §3.2). */
import { encodeParameter } from './values.ts'

export type LineParameters = readonly (readonly [name: string, value: string | readonly string[] | undefined])[]

export type Line = {
  readonly group?: string | undefined
  readonly name: string
  readonly parameters?: LineParameters
  /** As it stands after the colon, escaped */
  readonly value: string
}

const maxOctets = 75

export function printLine({ group, name, parameters = [], value }: Line): string {
  const given = parameters
    .filter(([, one]) => one !== undefined && one.length > 0)
    .map(([parameter, one]) => {
      const values = typeof one === 'string' ? [one] : (one ?? [])
      return `;${parameter}=${values.map(encodeParameter).join(',')}`
    })
    .join('')
  return folded(`${group === undefined ? '' : `${group}.`}${name}${given}:${withoutControls(value)}`)
}

/** A value may hold no line ends, whoever wrote it. */
function withoutControls(value: string): string {
  // oxlint-disable-next-line no-control-regex -- RFC 6350 §3.3: VALUE-CHAR has no control characters
  return value.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f]/g, ' ')
}

/** Between characters, never within one. */
function folded(line: string): string {
  if (line.length <= maxOctets / 3) return `${line}\r\n`
  const pieces: string[] = []
  let size = 0
  let from = 0
  let at = 0
  for (const sign of line) {
    const octets = octetsOf(sign.codePointAt(0) ?? 0)
    if (size + octets > maxOctets) {
      pieces.push(line.slice(from, at))
      from = at
      // the space that a following line begins with
      size = 1
    }
    size += octets
    at += sign.length
  }
  return `${[...pieces, line.slice(from)].join('\r\n ')}\r\n`
}

function octetsOf(point: number): number {
  if (point < 0x80) return 1
  if (point < 0x800) return 2
  return point < 0x10000 ? 3 : 4
}
