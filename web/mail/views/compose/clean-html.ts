/**
 * HTML on its way into the editor and out of it: words, their emphasis, lists, quotes, links and images that we have ourselves. Nothing
 * else of what is pasted or quoted stays, so what we send looks the same wherever it is read.
 */
import DOMPurify, { type Config } from 'dompurify'

const config: Config & { readonly RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS:
    'a b strong i em u s del code pre p div span br hr ul ol li blockquote h1 h2 h3 h4 h5 h6 table thead tbody tr td th img sub sup'.split(
      ' ',
    ),
  ALLOWED_ATTR: ['href', 'src', 'alt', 'width', 'height', 'type', 'colspan', 'rowspan', 'start', 'data-cid'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|cid:|\/jmap\/download\/)/i,
  RETURN_DOM_FRAGMENT: true,
  FORBID_CONTENTS: ['script', 'style', 'title', 'head', 'object', 'iframe', 'svg', 'math', 'template', 'noscript'],
}

export type OwnImages = {
  /** Of a Content-ID, at our server; undefined: there is no such image */
  readonly urlOf: (cid: string) => string | undefined
}

export function cleanFragment(html: string, images: OwnImages): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, config)
  for (const image of fragment.querySelectorAll('img')) {
    const cid = image.dataset['cid'] ?? /^cid:(.+)$/i.exec(image.getAttribute('src') ?? '')?.[1]
    const url = cid === undefined ? undefined : images.urlOf(cid)
    // one of somebody else's would tell them that it is looked at
    if (cid === undefined || url === undefined) image.replaceWith(image.alt)
    else {
      image.src = url
      image.dataset['cid'] = cid
    }
  }
  for (const link of fragment.querySelectorAll('a:not([href])')) link.replaceWith(...link.childNodes)
  return fragment
}

/** As it is sent: images by Content-ID. */
export function sentHtml(root: HTMLElement): string {
  const copy = root.cloneNode(true) as HTMLElement
  for (const image of copy.querySelectorAll<HTMLImageElement>('img[data-cid]')) {
    image.setAttribute('src', `cid:${image.dataset['cid']}`)
    delete image.dataset['cid']
  }
  for (const quote of copy.querySelectorAll('blockquote')) quote.setAttribute('type', 'cite')
  return copy.innerHTML
}

const blocks = new Set('P DIV UL OL LI BLOCKQUOTE PRE H1 H2 H3 H4 H5 H6 TABLE TR HR'.split(' '))

/** The same as text, for who reads text. */
export function textOfElement(root: Node): string {
  const lines: string[] = ['']
  const say = (text: string) => void (lines[lines.length - 1] += text)
  const newLine = (prefix: string) => lines.at(-1) !== prefix && lines.push(prefix)
  const walk = (node: Node, prefix: string): void => {
    if (node instanceof Text) return say(node.data.replaceAll(/[\s​]+/g, ' '))
    if (!(node instanceof HTMLElement)) return node.childNodes.forEach(child => walk(child, prefix))
    if (node.tagName === 'BR') return void (node.nextSibling && lines.push(prefix))
    if (node.tagName === 'IMG') return say((node as HTMLImageElement).alt)
    const inner = node.tagName === 'BLOCKQUOTE' ? `> ${prefix}` : prefix
    const isBlock = blocks.has(node.tagName)
    if (isBlock) newLine(inner)
    if (node.tagName === 'LI') say(markOf(node))
    if (node.tagName === 'HR') say('-'.repeat(20))
    node.childNodes.forEach(child => walk(child, inner))
    if (node instanceof HTMLAnchorElement) say(targetOf(node))
    if (isBlock && node.nextSibling) lines.push(prefix)
  }
  walk(root, '')
  return `${lines
    .map(line => line.trimEnd())
    .join('\n')
    .trim()}\n`
}

function markOf(item: HTMLElement): string {
  const list = item.parentElement
  if (list?.tagName !== 'OL') return '- '
  return `${[...list.children].indexOf(item) + ((list as HTMLOListElement).start || 1)}. `
}

function targetOf({ href, textContent }: HTMLAnchorElement): string {
  const shown = textContent.trim()
  return shown === href || href === `mailto:${shown}` || `${shown}/` === href ? '' : ` <${href}>`
}

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, one => `&#${one.charCodeAt(0)};`)
}

export function htmlOfText(text: string): string {
  return text
    .split('\n')
    .map(line => `<div>${line === '' ? '<br>' : escaped(line)}</div>`)
    .join('')
}
