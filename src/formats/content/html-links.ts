/** Links and images of a text/html body. No parser: tags are found by their signs. Linear in the length of the text. */
import { htmlText } from '#formats/message/html-text.ts'
import { maxLinks, maxLinkText, maxLinkUnits } from './limits.ts'

export type Link = {
  readonly target: string
  /** The words that are to be clicked; '' where an image stands */
  readonly words: string
}

export type HtmlFacts = { readonly links: readonly Link[]; readonly images: number; readonly hides: boolean }

const tag = /<(a|img|area|form)\b/gi
/** Octets of a tag that are looked at */
const maxTagUnits = 4096

export function htmlFacts(html: string): HtmlFacts {
  const links: Link[] = []
  let images = 0
  let close = -1
  tag.lastIndex = 0
  for (let found = tag.exec(html); found; found = tag.exec(html)) {
    const [whole, word = ''] = found
    const from = found.index + whole.length
    // one search serves all tags before it: a text without `>` stays cheap
    if (close < from) close = html.indexOf('>', from)
    if (close < 0) break
    const name = word.toLowerCase()
    if (name === 'img') images++
    const target = linkTarget(name === 'form' ? action : href, html.slice(from, Math.min(close, from + maxTagUnits)))
    if (target === undefined) continue
    links.push({ target, words: name === 'a' ? wordsAfter(html, close + 1) : '' })
    if (links.length >= maxLinks) break
  }
  return { links, images, hides: hidden.test(html) }
}

/** What is there and not to be seen: white on white is harder to tell, and honest letters have it too. */
const hidden = /font-size\s{0,3}:\s{0,3}(?:0|1)(?:px|pt|em|%)?\s{0,3}[;"']|opacity\s{0,3}:\s{0,3}0\s{0,3}[;"']/i

function linkTarget(pattern: RegExp, attributes: string): string | undefined {
  const [, double, single, bare] = pattern.exec(attributes) ?? []
  const value = double ?? single ?? bare
  return value
    ?.slice(0, maxLinkUnits)
    .replaceAll('&amp;', '&')
    .replaceAll(/[\t\r\n]/g, '')
    .trim()
}
const href = /\bhref\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i
const action = /\baction\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i

function wordsAfter(html: string, from: number): string {
  const piece = html.slice(from, from + 4 * maxLinkText)
  const end = piece.search(/<\/a\b|<a\b/i)
  return htmlText(end < 0 ? piece : piece.slice(0, end), maxLinkText)
    .trim()
    .slice(0, maxLinkText)
}

const plainLink = /\bhttps?:\/\/[^\s<>"'）」』】、。]{4,2048}/gi

/** Links that stand in plain text. */
export function plainLinks(text: string): readonly Link[] {
  const links: Link[] = []
  plainLink.lastIndex = 0
  for (let found = plainLink.exec(text); found && links.length < maxLinks; found = plainLink.exec(text))
    links.push({ target: found[0], words: '' })
  return links
}
