/** The reader as it is, for tests: many letters on one page, under the page's own policy. */
import { render } from 'preact'
import { LetterBody } from '../letter-body.tsx'
import { foldQuotes } from '../fold-quotes.ts'
import { emptyDocument, sandbox } from '../frame-document.ts'
import { sanitiseLetter } from '../sanitise.ts'
import { letterPolicy } from '../trusted.ts'
import './testbed.css'
import { faultsIn, faultsInTree } from './faults.ts'
import { type Probe, probe } from './probe.ts'
import { stir } from './stir.ts'

export type TestLetter = {
  readonly id: number
  readonly html?: string
  readonly text?: string
  readonly label?: string
  readonly trusted?: boolean
  readonly language?: 'en' | 'ja'
  readonly dark?: boolean
  /** Content-ID → base64 of a PNG */
  readonly images?: Readonly<Record<string, string>>
}

const fired = new Set<number>()
addEventListener('message', ({ data }) => {
  if (typeof data === 'number') fired.add(data)
})

const place = () => document.querySelector('#letters') ?? document.body

async function show(letters: readonly TestLetter[]): Promise<void> {
  render(
    letters.map(letter => <Article key={letter.id} {...letter} />),
    place(),
  )
  const begun = performance.now()
  while (!frames().every(isFilled)) {
    if (performance.now() - begun > 60_000) throw new Error('Some letters are not shown')
    await new Promise(resolve => setTimeout(resolve, 60))
  }
}

function Article({
  id,
  html,
  text,
  label = '',
  trusted = false,
  language = 'en',
  dark = false,
  images = {},
}: TestLetter) {
  return (
    <article data-id={id}>
      <h2>{label}</h2>
      <LetterBody
        html={html}
        text={text}
        inlineImages={imagesOf(images)}
        senderTrusted={trusted}
        onTrust={() => Object.assign(globalThis, { trustedLetter: id })}
        language={language}
        dark={dark}
        onMailto={href => Boolean(Object.assign(globalThis, { mailto: href }))}
      />
    </article>
  )
}

const known = new WeakMap<object, ReturnType<typeof makeImages>>()

function imagesOf(images: Readonly<Record<string, string>>): ReturnType<typeof makeImages> {
  const made = known.get(images) ?? makeImages(images)
  known.set(images, made)
  return made
}

function makeImages(images: Readonly<Record<string, string>>) {
  return Object.entries(images).map(([cid, octets]) => ({
    cid,
    type: cid.endsWith('.svg') ? 'image/svg+xml' : 'image/png',
    open: async () =>
      new Blob([Uint8Array.from(atob(octets), character => character.charCodeAt(0))], { type: 'text/html' }),
  }))
}

function frames(): readonly HTMLIFrameElement[] {
  return [...place().querySelectorAll('iframe')]
}

function isFilled({ contentDocument }: HTMLIFrameElement): boolean {
  return contentDocument?.URL === 'about:srcdoc' && contentDocument.adoptedStyleSheets.length > 0
}

/** Links to the web open windows of their own, as they should; our own buttons show images. */
function mayTouch(element: Element): boolean {
  return !/^(?:https?|tel):/.test(element.getAttribute('href') ?? '') && element.closest('.letter-images') === null
}

function touch(): void {
  for (const { contentDocument } of frames()) if (contentDocument) stir(contentDocument, mayTouch)
  stir(document, mayTouch)
}

export type Outcome = {
  readonly fired: readonly number[]
  readonly faults: readonly string[]
  readonly probe: Probe
  readonly frames: number
}

/** By the letters' numbers: what stands in them that should not */
function outcome(): Outcome {
  const faults = frames().flatMap(frame => {
    const id = frame.closest('article')?.dataset['id'] ?? ''
    const { contentDocument } = frame
    return contentDocument?.documentElement
      ? faultsIn(contentDocument).map(fault => `${id}: ${fault}`)
      : [`${id}: has left`]
  })
  return { fired: [...fired], faults, probe: probe(document), frames: frames().length }
}

/** The sanitiser alone: what is left goes into a page without policy or sandbox, by nodes. Gives what stands in it that should not. */
function unframed(letters: readonly TestLetter[]): readonly string[] {
  return letters.flatMap(({ id, html = '' }) => {
    const { body, styles } = sanitiseLetter(html, { trueHost: host => host })
    foldQuotes(body, styles, '…')
    const box = document.createElement('div')
    box.append(...body.childNodes)
    for (const [element, css] of styles) element.style.cssText = css
    place().append(box)
    return faultsInTree(box).map(fault => `${id}: ${fault}`)
  })
}

/** The frame alone: its sandbox and its policies around letters as they came. */
async function uncleaned(letters: readonly TestLetter[]): Promise<void> {
  const policy = letterPolicy()
  for (const { html = '' } of letters) {
    const frame = document.createElement('iframe')
    frame.setAttribute('sandbox', sandbox)
    frame.srcdoc = policy.createHTML(String(emptyDocument(undefined)).replace('<body>', () => `<body>${html}`))
    place().append(frame)
  }
  await new Promise(resolve => setTimeout(resolve, 1_000))
  for (const { contentDocument } of frames()) if (contentDocument) stir(contentDocument, mayTouch)
}

Object.assign(globalThis, { guarded: { show, touch, outcome, unframed, uncleaned, probe: () => probe(document) } })
