/** Addresses as people type and paste them: `花子 <hanako@home.test>, taro@home.test; …`, in full width too. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'

export type TypedAddresses = {
  readonly addresses: readonly EmailAddress[]
  /** What is none (yet) */
  readonly rest: string
}

export function readTypedAddresses(text: string): TypedAddresses {
  const addresses: EmailAddress[] = []
  const rest: string[] = []
  for (const piece of piecesOf(text)) {
    const read = readOne(piece)
    if (read) addresses.push(read)
    else rest.push(piece)
  }
  return { addresses, rest: rest.join(', ') }
}

/** Commas, semicolons and line ends part them, but not within quotes or angle brackets. */
function piecesOf(text: string): string[] {
  const pieces: string[] = []
  let piece = ''
  let isQuoted = false
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted
    if (!isQuoted && /[,;\n，；、]/.test(character)) {
      pieces.push(piece)
      piece = ''
    } else piece += character
  }
  return [...pieces, piece].map(one => one.trim()).filter(one => one !== '')
}

function readOne(piece: string): EmailAddress | undefined {
  const [, named, bracketed] = /^(.*?)[\s　]*[<＜]([^<>＜＞]+)[>＞]$/s.exec(piece) ?? []
  const email = asciiForms(bracketed ?? piece).trim()
  if (!isAddress(email)) return undefined
  const name = (named ?? '')
    .trim()
    .replace(/^"(.*)"$/s, '$1')
    .replaceAll('\\"', '"')
    .trim()
  return { name: name === '' ? null : name, email }
}

/** `＠` and what else an input method makes of an address */
function asciiForms(text: string): string {
  return text.replaceAll(/[！-～]/g, one => String.fromCharCode(one.charCodeAt(0) - 0xfee0))
}

/** A local part of any kind (`a..b.@docomo.ne.jp` is a real one), a domain with a dot. The server has the last word. */
export function isAddress(text: string): boolean {
  return /^(?:"[^"\n]+"|[^\s"<>(),;:@[\]\\]+)@(?:[^\s.@"<>(),;:[\]\\]+\.)+[^\s.@"<>(),;:[\]\\]{2,}$/u.test(text)
}

export function printAddress({ name, email }: EmailAddress): string {
  if (name === null || name === '') return email
  return /[",;<>@()]/.test(name) ? `"${name.replaceAll('"', '\\"')}" <${email}>` : `${name} <${email}>`
}
