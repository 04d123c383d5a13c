/** The older letter at the end of a letter in HTML, behind a fold: found by what the programs that wrote it leave there. */
import { namePrefix } from './allowed.ts'
import { beginsForwarded, beginsOriginal, isAttribution, isQuotedField, isSenderField } from './quote-marks.ts'

const quoteSelector = [
  '.gmail_quote',
  '.gmail_quote_container',
  '.yahoo_quoted',
  '.protonmail_quote',
  '.tutanota_quote',
  '.zmail_extra',
  'blockquote[type="cite"]',
].join(',')
/** From which on everything is the older letter */
const beginSelector = [
  'divRplyFwdMsg',
  'appendonsend',
  'mail-editor-reference-message-container',
  'OLK_SRC_BODY_SECTION',
  'reply-intro',
]
  .map(id => `#${namePrefix}${id}`)
  .join(',')

/** Wraps it in `details`; nothing where the sender wrote below or between, or where nothing stands above. True when it did. */
export function foldQuotes(body: HTMLElement, styles: ReadonlyMap<HTMLElement, string>, label: string): boolean {
  const start = historyStart(body, styles)
  if (!start || !hasContent(body, { before: start })) return false
  const document = body.ownerDocument
  const fold = document.createElement('details')
  const summary = document.createElement('summary')
  fold.setAttribute('data-letter-fold', '')
  summary.textContent = label
  fold.append(summary)
  start.before(fold)
  fold.append(...withFollowing(start))
  return true
}

function withFollowing(start: ChildNode): readonly ChildNode[] {
  const nodes: ChildNode[] = []
  let next: ChildNode | null = start
  while (next) {
    nodes.push(next)
    next = next.nextSibling
  }
  return nodes
}

function historyStart(body: HTMLElement, styles: ReadonlyMap<HTMLElement, string>): ChildNode | undefined {
  const begin = body.querySelector(beginSelector) ?? outlookHeader(body, styles) ?? originalLine(body)
  if (begin) return isForwarded(begin) ? undefined : outermost(begin, body)
  const quote = trailingQuote(body)
  return quote && !isForwarded(quote) ? withAttribution(quote, body) : undefined
}

/** Word's engine: a box with a line on top that holds From, Sent, To, Subject. */
function outlookHeader(body: HTMLElement, styles: ReadonlyMap<HTMLElement, string>): Element | undefined {
  return [...body.querySelectorAll<HTMLElement>('div')].find(box => {
    if (
      !/border(?:-top)?:[^;]*solid/.test(styles.get(box) ?? '') &&
      !/border-(?:top-)?style:\s*solid/.test(styles.get(box) ?? '')
    )
      return false
    const text = box.textContent.trim().slice(0, 400)
    return (
      isSenderField(text) &&
      text.split(/\n|(?=\b(?:sent|to|subject)\s*:)|(?=送信日時|宛先|件名)/i).filter(isQuotedField).length >= 2
    )
  })
}

const maxTexts = 20_000

function originalLine(body: HTMLElement): Element | undefined {
  const walker = body.ownerDocument.createTreeWalker(body, 4 /* NodeFilter.SHOW_TEXT */)
  for (let count = 0; count < maxTexts && walker.nextNode(); count++) {
    const text = walker.currentNode.nodeValue ?? ''
    if (beginsOriginal(text)) return blockOf(walker.currentNode, body)
  }
  return undefined
}

/** The block that a line stands in; the line itself where it stands in the body. */
function blockOf(node: Node, body: HTMLElement): Element | undefined {
  const parent = node.parentElement
  if (!parent) return undefined
  if (parent !== body)
    return /^(?:p|div|pre|h[1-6]|blockquote|td|li)$/.test(parent.localName) && isOnly(node)
      ? parent
      : blockOrMark(node, parent)
  return blockOrMark(node, parent)
}

function isOnly(node: Node): boolean {
  let before = node.previousSibling
  while (before && (before.textContent ?? '').trim() === '') before = before.previousSibling
  return before === null
}

/** An element of our own before the line, from which the fold begins. */
function blockOrMark(node: Node, parent: Element): Element {
  const mark = parent.ownerDocument.createElement('span')
  parent.insertBefore(mark, node)
  return mark
}

/** As far out as it is the first thing in its box: the fold takes the box. */
function outermost(start: Element, body: HTMLElement): ChildNode {
  let at: Element = start
  while (at.parentElement && at.parentElement !== body && isFirst(at) && !hasContentAfter(at.parentElement, body))
    at = at.parentElement
  return at
}

function isFirst(element: Element): boolean {
  let before = element.previousSibling
  while (before && (before.textContent ?? '').trim() === '' && !holdsImage(before)) before = before.previousSibling
  return before === null
}

function trailingQuote(body: HTMLElement): Element | undefined {
  let last = [...body.querySelectorAll(quoteSelector)].at(-1)
  for (let outer = last; outer; outer = outer.parentElement?.closest(quoteSelector) ?? undefined) last = outer
  return last && !hasContentAfter(last, body) ? last : undefined
}

function isForwarded(start: Element): boolean {
  const text = start.textContent.trim().slice(0, 200)
  return beginsForwarded(text.split('\n')[0] ?? '') || /^-{2,}\s*(?:forwarded message|転送)/i.test(text)
}

/** The line or two before that say whose words follow. */
function withAttribution(quote: Element, body: HTMLElement): ChildNode {
  const start = outermost(quote, body)
  let at: ChildNode | null = start.previousSibling
  let text = ''
  for (let steps = 0; at && steps < 12; steps++, at = at.previousSibling) {
    const isBreak = 'localName' in at && at.localName === 'br'
    const own = (at.textContent ?? '').trim()
    text = own === '' ? text : `${own} ${text}`.trim()
    if (
      text !== '' &&
      (isAttribution(text) || /cite-prefix|gmail_attr/.test('className' in at ? String(at.className) : ''))
    )
      return at
    if (text !== '' && isBreak) break
    if (text.length > 400) break
  }
  return start
}

function hasContentAfter(start: Element, body: HTMLElement): boolean {
  for (let at: Node | null = start; at && at !== body; at = at.parentNode)
    for (let next = at.nextSibling; next; next = next.nextSibling) if (isContent(next)) return true
  return false
}

function hasContent(body: HTMLElement, { before }: { readonly before: ChildNode }): boolean {
  for (let at: Node | null = before; at && at !== body; at = at.parentNode)
    for (let next = at.previousSibling; next; next = next.previousSibling) if (isContent(next)) return true
  return false
}

function isContent(node: Node): boolean {
  return (node.textContent ?? '').replaceAll(/[\s\u00a0\u200b\ufeff]/g, '') !== '' || holdsImage(node)
}

function holdsImage(node: Node): boolean {
  return (
    'querySelector' in node &&
    ((node as Element).localName === 'img' || (node as Element).querySelector('img') !== null)
  )
}
