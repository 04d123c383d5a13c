/**
 * Letters on paper: a document of our own in a frame that runs nothing, each letter's body, as clean as on the screen, in a root of its own, so that no
 * letter's style reaches what we say about it. Light, with all quotes unfolded.
 */
import { baseCss, fillBody, lightFrame } from './frame-document.ts'
import { emptyDocument } from './frame-document.ts'
import { type InlineImage, shownType } from './inline-images.ts'
import { sanitiseLetter } from './sanitise.ts'

export type PrintedLetter = {
  /** What is said above the body: label and value */
  readonly head: readonly (readonly [label: string, value: string])[]
  readonly bodies: readonly ({ readonly html: string } | { readonly text: string })[]
  readonly files: readonly string[]
  readonly inlineImages: readonly InlineImage[]
  /** Images of the internet, as they are on the screen at this moment */
  readonly showsImages: boolean
}

export type PrintWords = { readonly title: string; readonly files: string; readonly trueHost: (host: string) => string }

/** No scripts; `allow-modals` is what the dialog of printing needs. */
const sandbox = 'allow-same-origin allow-modals'
const imagesMs = 8_000
/** Browsers whose dialog does not hold the page up tell when it is over; not all do. */
const keptMs = 10 * 60_000

export async function printLetters(letters: readonly PrintedLetter[], words: PrintWords): Promise<void> {
  const frame = document.createElement('iframe')
  frame.setAttribute('sandbox', sandbox)
  frame.className = 'print-frame'
  frame.setAttribute('aria-hidden', 'true')
  frame.tabIndex = -1
  const loaded = new Promise(resolve => frame.addEventListener('load', resolve, { once: true }))
  const proxy = letters.some(({ showsImages }) => showsImages) ? `${location.origin}/image` : undefined
  frame.srcdoc = emptyDocument(proxy)
  document.querySelector('.print-frame')?.remove()
  document.body.append(frame)
  await loaded
  const [page, view] = [frame.contentDocument, frame.contentWindow]
  if (!page || !view) throw new Error('The frame has no document')
  const urls: string[] = []
  const end = () => {
    frame.remove()
    for (const url of urls) URL.revokeObjectURL(url)
  }
  page.title = words.title
  page.adoptedStyleSheets = [sheetIn(page, pageCss)]
  page.body.append(element(page, 'h1', words.title))
  for (const letter of letters) await append(page, letter, words, urls)
  await allShown(page)
  view.addEventListener('afterprint', end, { once: true })
  setTimeout(end, keptMs)
  view.focus()
  view.print()
}

async function append(page: Document, letter: PrintedLetter, words: PrintWords, urls: string[]): Promise<void> {
  const article = element(page, 'article')
  const list = element(page, 'dl')
  for (const [label, value] of letter.head) list.append(element(page, 'dt', label), element(page, 'dd', value))
  article.append(list)
  for (const body of letter.bodies)
    article.append(
      'html' in body ? await htmlBody(page, body.html, letter, words, urls) : element(page, 'pre', body.text),
    )
  if (letter.files.length > 0) {
    const files = element(page, 'ul')
    files.append(...letter.files.map(name => element(page, 'li', name)))
    article.append(element(page, 'h2', words.files), files)
  }
  page.body.append(article)
}

async function htmlBody(
  page: Document,
  html: string,
  { showsImages, inlineImages }: PrintedLetter,
  { trueHost }: PrintWords,
  urls: string[],
): Promise<HTMLElement> {
  const remoteUrl = (url: string) => `${location.origin}/image?url=${encodeURIComponent(url)}`
  const clean = sanitiseLetter(html, { dark: false, trueHost, ...(showsImages && { remoteUrl }) })
  const host = element(page, 'div')
  const root = host.attachShadow({ mode: 'open' })
  root.adoptedStyleSheets = [sheetIn(page, baseCss(lightFrame)), sheetIn(page, clean.css)]
  const body = element(page, 'div')
  fillBody(body, clean)
  root.append(body)
  for (const [at, cid] of clean.cids.entries()) {
    const image = inlineImages.find(one => one.cid === cid)
    const type = image && shownType(image.type)
    const blob =
      type === undefined ? undefined : await image?.open(AbortSignal.timeout(imagesMs)).catch(() => undefined)
    if (!blob || type === undefined) continue
    const url = URL.createObjectURL(blob.slice(0, blob.size, type))
    urls.push(url)
    for (const one of root.querySelectorAll(`img[data-letter-cid="${at}"]`)) one.setAttribute('src', url)
  }
  for (const fold of root.querySelectorAll('details')) fold.open = true
  return host
}

async function allShown(page: Document): Promise<void> {
  const roots = [...page.querySelectorAll('*')].flatMap(({ shadowRoot }) => shadowRoot ?? [])
  const images = roots.flatMap(root => [...root.querySelectorAll('img')])
  const all = Promise.all(images.map(image => image.decode().catch(() => undefined)))
  await Promise.race([all, new Promise(resolve => setTimeout(resolve, imagesMs))])
}

function sheetIn({ defaultView }: Document, css: string): CSSStyleSheet {
  // sheets belong to the window that made them
  const sheet = new (defaultView as Window & typeof globalThis).CSSStyleSheet()
  sheet.replaceSync(css)
  return sheet
}

function element<Name extends keyof HTMLElementTagNameMap>(
  page: Document,
  name: Name,
  text?: string,
): HTMLElementTagNameMap[Name] {
  const made = page.createElement(name)
  if (text !== undefined) made.textContent = text
  return made
}

const pageCss = `
:root { color-scheme: light; background: #fff; color: #000; }
body { margin: 0; font: 10.5pt/1.5 system-ui, "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic UI", Meiryo, sans-serif; }
h1 { margin: 0 0 12pt; font-size: 15pt; line-height: 1.3; }
article + article { margin-top: 18pt; padding-top: 12pt; border-top: 0.75pt solid #999; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1pt 10pt; margin: 0 0 10pt; padding-bottom: 8pt; border-bottom: 0.5pt solid #ccc; font-size: 9.5pt; break-inside: avoid; }
dt { color: #555; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
h2 { margin: 12pt 0 3pt; font-size: 9.5pt; color: #555; font-weight: 600; }
ul { margin: 0; padding-left: 14pt; font-size: 9.5pt; }
img { max-width: 100%; break-inside: avoid; }
`
