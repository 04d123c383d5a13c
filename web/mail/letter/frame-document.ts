/** The document in which a letter is shown: empty and locked as markup, filled by taking over nodes. */
import { namePrefix } from './allowed.ts'
import type { CleanLetter } from './sanitise.ts'
import { letterPolicy } from './trusted.ts'

/**
 * The page's policy is in force here too; this one is tighter. Styles come as sheets and properties that the page sets, which no policy minds,
 * so that markup may have none. `images`: URLs of our proxy, when images of the internet are shown.
 */
export function emptyDocument(images: string | undefined): string {
  const policy = `default-src 'none'; img-src blob: data:${images === undefined ? '' : ` ${images}`}; base-uri 'none'; form-action 'none'`
  return letterPolicy().createHTML(
    `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="content-security-policy" content="${policy}">` +
      '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width"></head><body></body></html>',
  )
}

/** Nothing may open, run, submit, or leave: links open windows of their own, which are not locked. No scripts: the page reads the size itself. */
export const sandbox = 'allow-same-origin allow-popups allow-popups-to-escape-sandbox'

/** Of what the letter says about its own body, what a body may have. */
const bodyAttributes = ['class', 'id', 'dir', 'lang', 'bgcolor', 'text', 'link', 'vlink', 'align']

/** `nodes`: the content of the letter's body */
export function fillDocument(document: Document, letter: CleanLetter, nodes: readonly ChildNode[]): void {
  const { body, defaultView } = document
  if (!defaultView) return
  // sheets belong to the window that made them
  const sheetOf = (css: string) => {
    const sheet = new (defaultView as Window & typeof globalThis).CSSStyleSheet()
    sheet.replaceSync(css)
    return sheet
  }
  const colours = letter.scheme === 'dark' ? darkFrame : lightFrame
  document.adoptedStyleSheets = [
    sheetOf(baseCss(colours)),
    sheetOf(cardCss(letter)),
    sheetOf(letter.css),
    sheetOf(lastCss),
  ]
  fillBody(body, letter, nodes)
}

/** `body`: what stands for the letter's own */
export function fillBody(
  body: HTMLElement,
  letter: CleanLetter,
  nodes: readonly ChildNode[] = [...letter.body.childNodes],
): void {
  for (const name of bodyAttributes) {
    const value = letter.body.getAttribute(name)
    if (value !== null) body.setAttribute(name, value)
  }
  for (const node of nodes) body.append(node)
  for (const [element, css] of letter.styles) (element === letter.body ? body : element).style.cssText = css
  for (const note of body.querySelectorAll<HTMLElement>('[data-letter-host]')) note.style.cssText = hostNoteCss
}

/** Inline images as they arrive. `url` of an image whose Content-ID stands at this place. */
export function showInlineImage(document: Document, at: number, url: string): void {
  for (const image of document.querySelectorAll(`img[data-letter-cid="${at}"]`)) image.setAttribute('src', url)
  document.documentElement.style.setProperty(`--${namePrefix}cid-${at}`, `url("${url}")`)
}

type FrameColours = {
  readonly scheme: 'light' | 'dark'
  readonly text: string
  readonly ground: string
  readonly link: string
  readonly quiet: string
  readonly line: string
}

export const lightFrame: FrameColours = {
  scheme: 'light',
  text: '#1c1d1f',
  ground: '#ffffff',
  link: '#0a58ca',
  quiet: '#5f6368',
  line: '#d5d8dc',
}
const darkFrame: FrameColours = {
  scheme: 'dark',
  text: '#e6e7e9',
  ground: 'transparent',
  link: '#8ab4f8',
  quiet: '#a2a6ac',
  line: '#4a4d52',
}

export function baseCss({ scheme, text, ground, link, quiet, line }: FrameColours): string {
  return `
:root { color-scheme: ${scheme}; background: ${ground}; overflow-x: auto; overflow-y: hidden; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; padding: 1px 0; display: flow-root; position: relative; color: ${text}; overflow-wrap: break-word; word-break: normal; line-break: strict;
  font: 15px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Hiragino Sans", "Hiragino Kaku Gothic ProN", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic UI", Meiryo, sans-serif; }
p { margin: 0 0 0.9em; }
a { color: ${link}; }
img { max-width: 100%; }
img[data-letter-large] { height: auto; }
img[data-letter-hidden] { background: color-mix(in srgb, currentcolor 8%, transparent); outline: 1px dashed ${line}; outline-offset: -1px; color: ${quiet}; font-size: 12px; }
pre { white-space: pre-wrap; }
blockquote { margin: 0.4em 0; padding: 0 0 0 0.9em; border-left: 3px solid ${line}; }
hr { border: 0; border-top: 1px solid ${line}; }
table { border-color: ${line}; font: inherit; }
[data-letter-fold] > summary { display: inline-block; margin: 0.5em 0; padding: 0 0.7em; border-radius: 1em; cursor: pointer; user-select: none;
  list-style: none; font-size: 12px; line-height: 1.7; color: ${quiet}; background: color-mix(in srgb, currentcolor 12%, transparent); }
[data-letter-fold] > summary::-webkit-details-marker { display: none; }
[data-letter-target] { cursor: pointer; text-decoration: underline; }
@media (max-width: 620px) {
  [data-letter-wide] { width: auto !important; min-width: 0 !important; max-width: 100% !important; }
  img[data-letter-wide] { height: auto !important; }
  table[data-letter-wide] { width: 100% !important; }
}
@media print {
  :root { color-scheme: light; background: #fff; overflow: visible; }
  body { color: #000; zoom: 1 !important; font-size: 10.5pt; }
  [data-letter-fold]:not([open]) { display: none; }
  img, tr { break-inside: avoid; }
}`
}

/** Black on white, right at the edge of a dark page, could not be read. */
function cardCss({ scheme }: CleanLetter): string {
  return scheme === 'card' ? 'body { padding: 12px; }' : ''
}

/** After the letter's own */
const lastCss =
  ':root, body { float: none !important; max-height: none !important; min-height: 0 !important; height: auto !important; }'

const hostNoteCss =
  'all: initial !important; display: inline !important; visibility: visible !important; position: static !important; opacity: 1 !important; ' +
  'font: 600 12px/1.5 system-ui, sans-serif !important; color: #7a2e00 !important; background: #ffe8cc !important; ' +
  'border: 1px solid #e0913c !important; border-radius: 3px !important; padding: 0 4px !important; margin: 0 0 0 4px !important; ' +
  'white-space: normal !important; unicode-bidi: isolate !important; text-indent: 0 !important;'
