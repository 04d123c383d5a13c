/**
 * The keyword that stands for a label on the server: an atom of IMAP, which no Japanese name is. It is made as Thunderbird makes the keys of its
 * tags (modified UTF-7 in lower case), so that a tag of the same name there is the same keyword.
 */

/** What neither a keyword of JMAP (RFC 8621 §4.1.1) nor a key of Thunderbird has */
const forbidden = /[ ()/{%*<>\\"\]~]/g
const maxKeyword = 255

/** `taken`: keywords that are other labels already */
export function keywordFor(name: string, taken: ReadonlySet<string>): string {
  const plain = modifiedUtf7(name.normalize('NFC').replaceAll(forbidden, '_')).toLowerCase()
  const base = plain.slice(0, maxKeyword - 8)
  // keywords of the system begin so (RFC 8621 §4.1.1)
  const own = base.startsWith('$') ? `_${base}` : base
  for (let suffix = ''; ; suffix += 'a') if (!taken.has(own + suffix)) return own + suffix
}

/** RFC 3501 §5.1.3 */
export function modifiedUtf7(text: string): string {
  return text.replaceAll(/[^ -~]+|&/g, part => (part === '&' ? '&-' : `&${base64OfUnits(part)}-`))
}

function base64OfUnits(text: string): string {
  let octets = ''
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    octets += String.fromCharCode(unit >> 8, unit & 255)
  }
  return btoa(octets).replaceAll('=', '').replaceAll('/', ',')
}
