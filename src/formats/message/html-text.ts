/**
 * What a person would read first in a text/html body. No parser: comments, styles, scripts and tags fall away, character
 * references are read. Linear in the length of the text, whatever it says. HTML §13.2.5, as far as that goes.
 */

/** Text of `html` until about `enoughLetters` characters that are no blanks have been found. Blanks stay as they are. */
export function htmlText(html: string, enoughLetters: number): string {
  const out: string[] = []
  const hopeless = new Set<string>()
  let letters = 0
  for (let at = 0; at < html.length && letters < enoughLetters; ) {
    const open = html.indexOf('<', at)
    const text = html.slice(at, open < 0 ? html.length : open)
    if (text !== '') {
      const words = decodeReferences(text)
      out.push(words)
      letters += words.length - (words.match(/\s/g)?.length ?? 0)
    }
    if (open < 0) break
    const markup = markupAt(html, open, hopeless)
    out.push(markup.stands)
    at = markup.end
  }
  return out.join('')
}

/** Their content is not for reading. */
const unread = ['head', 'script', 'style', 'template', 'title'] as const
const closings = new Map<string, RegExp>(unread.map(name => [name, new RegExp(`</${name}[\\s/>]`, 'gi')]))

/** All others part words. */
const inline = new Set(
  'a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
)

type Markup = { readonly end: number; readonly stands: string }

/** `hopeless`: names whose closing tag has been looked for in vain, so that it is not looked for again. */
function markupAt(html: string, open: number, hopeless: Set<string>): Markup {
  if (html.startsWith('<!--', open)) return { end: after(html, '-->', open + 4), stands: '' }
  if (html[open + 1] === '!' || html[open + 1] === '?') return { end: after(html, '>', open + 2), stands: '' }
  const start = /<(\/?)([A-Za-z][A-Za-z0-9]{0,20})/y
  start.lastIndex = open
  const [whole, slash, word = ''] = start.exec(html) ?? []
  if (whole === undefined) return { end: open + 1, stands: '<' }
  const name = word.toLowerCase()
  const end = tagEnd(html, open + whole.length)
  const closing = slash === '' && !hopeless.has(name) ? closings.get(name) : undefined
  if (closing) {
    closing.lastIndex = end
    const found = closing.exec(html)
    if (found) return { end: tagEnd(html, found.index + 2), stands: ' ' }
    hopeless.add(name)
    // a head that is never closed ends where the body begins; of a style or script without an end all is style or script
    if (name !== 'head') return { end: html.length, stands: '' }
  }
  return { end, stands: inline.has(name) ? '' : ' ' }
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from)
  return found < 0 ? html.length : found + mark.length
}

/** Behind the `>` that ends a tag; one in a quoted value does not. */
function tagEnd(html: string, from: number): number {
  let quote = ''
  for (let at = from; at < html.length; at++) {
    const char = html[at] ?? ''
    if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (char === '>') return at + 1
  }
  return html.length
}

const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
const named = new Map<string, string>([
  ...latin1.split(' ').map((name, index): [string, string] => [name, String.fromCharCode(0xa0 + index)]),
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['hellip', '…'],
  ['mdash', '—'],
  ['ndash', '–'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['sbquo', '‚'],
  ['ldquo', '“'],
  ['rdquo', '”'],
  ['bdquo', '„'],
  ['bull', '•'],
  ['euro', '€'],
  ['trade', '™'],
  ['larr', '←'],
  ['rarr', '→'],
  ['ensp', ' '],
  ['emsp', ' '],
  ['thinsp', ' '],
  ['zwnj', '\u200c'],
  ['zwj', '\u200d'],
  ['lrm', ''],
  ['rlm', ''],
])

function decodeReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(
    /&(?:#[xX]([0-9A-Fa-f]{1,8})|#([0-9]{1,8})|([A-Za-z][A-Za-z0-9]{1,7}));?/g,
    (all: string, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return named.get(name) ?? all
      return fromNumber(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
    },
  )
}

const windows1252 = new TextDecoder('windows-1252')

/** HTML §13.2.5.80: numbers of the C1 controls mean windows-1252. */
function fromNumber(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return windows1252.decode(Uint8Array.of(code))
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  return isCharacter ? String.fromCodePoint(code) : '\ufffd'
}
