/**
 * A stranger's HTML → a tree in a document that runs and loads nothing, to be taken over node by node into the letter's frame. It is never
 * printed and parsed again, so nothing in it can become something else on the way.
 */
import createDOMPurify, { type Config, type DOMPurify } from 'dompurify'
import { allowedAttributes, allowedTags, namePrefix, namingAttributes, tagsWithContents } from './allowed.ts'
import { boundedHtml } from './bounded.ts'
import { cleanDeclarations, cleanStyleSheet, type StyleContext } from './clean-style.ts'
import { type Colours, darkColours, lightColours } from './colours.ts'
import { readLink } from './link.ts'
import { isMarked, isMarkedSheet, marked, styleName, unmarked } from './marked.ts'
import { isTracker, readImageSource, type RemoteImages } from './remote-images.ts'
import { letterPolicy } from './trusted.ts'

export type SanitiseOptions = {
  /** Where an image of the internet comes from when it is shown (our proxy); undefined: it is not */
  readonly remoteUrl?: ((url: string) => string) | undefined
  /** On a dark page */
  readonly dark?: boolean
  /** What is said beside a link whose text names another host */
  readonly trueHost: (host: string) => string
}

export type CleanLetter = {
  readonly body: HTMLElement
  /** Of its style elements */
  readonly css: string
  /** Of its style attributes, which a policy of the page would not let stand in markup */
  readonly styles: ReadonlyMap<HTMLElement, string>
  /** Inline images by Content-ID: in `data-letter-cid`, or in CSS as `var(--letter-cid-N)` with their place here as N */
  readonly cids: readonly string[]
  /** How many there are, shown or not */
  readonly remote: RemoteImages
  /** `card`: light on a dark page */
  readonly scheme: 'light' | 'dark' | 'card'
}

export function sanitiseLetter(html: string, options: SanitiseOptions): CleanLetter {
  const colours = options.dark === true ? darkColours() : lightColours()
  const letter = sanitiseIn(html, options, colours)
  if (options.dark !== true || !colours.hasOwnGround())
    return { ...letter, scheme: options.dark === true ? 'dark' : 'light' }
  return { ...sanitiseIn(html, options, lightColours()), scheme: 'card' }
}

let purifier: DOMPurify | undefined

const config: Config = {
  WHOLE_DOCUMENT: true,
  RETURN_DOM: true,
  ALLOWED_TAGS: allowedTags,
  ALLOWED_ATTR: [...allowedAttributes, styleName],
  // it is no address, and judged by itself (clean-style.ts)
  ADD_URI_SAFE_ATTR: [styleName],
  FORBID_CONTENTS: tagsWithContents,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_NAMESPACES: ['http://www.w3.org/1999/xhtml'],
}

/** With the letter's style sheets, which are taken out as they are met. */
function purified(html: string): { readonly root: HTMLElement; readonly sheets: readonly string[] } {
  purifier ??= createDOMPurify(window)
  const sheets: string[] = []
  const take = (node: Node) => {
    const element = node as Element
    if (!isMarkedSheet(element)) return
    sheets.push(unmarked(element.textContent))
    element.remove()
  }
  purifier.addHook('beforeSanitizeElements', take)
  try {
    const policy = letterPolicy() as unknown as NonNullable<Config['TRUSTED_TYPES_POLICY']>
    const root = purifier.sanitize(marked(boundedHtml(html)), { ...config, TRUSTED_TYPES_POLICY: policy })
    return { root: root as unknown as HTMLElement, sheets }
  } finally {
    purifier.removeHook('beforeSanitizeElements', take)
  }
}

function sanitiseIn(html: string, options: SanitiseOptions, colours: Colours): Omit<CleanLetter, 'scheme'> {
  const { root, sheets } = purified(html)
  const body = root.querySelector('body') ?? root.ownerDocument.createElement('body')
  const state: State = {
    options,
    cids: [],
    images: new Set(),
    trackers: new Set(),
    styles: new Map(),
    known: new Map(),
    colours,
  }
  const context = contextOf(state)
  const css = sheets.map(sheet => cleanStyleSheet(sheet, context))
  for (const element of [body, ...body.querySelectorAll('*')]) cleanElement(element as HTMLElement, state, context)
  unmarkTexts(body)
  return {
    body,
    css: css.join('\n'),
    styles: state.styles,
    cids: state.cids,
    remote: { images: state.images.size, trackers: state.trackers.size },
  }
}

function unmarkTexts(body: HTMLElement): void {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const { currentNode } = walker
    const text = currentNode.nodeValue ?? ''
    if (isMarked(text)) currentNode.nodeValue = unmarked(text)
  }
}

type State = {
  readonly options: SanitiseOptions
  readonly cids: string[]
  readonly images: Set<string>
  readonly trackers: Set<string>
  readonly styles: Map<HTMLElement, string>
  /** Newsletters say the same of a thousand cells. */
  readonly known: Map<string, string>
  readonly colours: Colours
}

function contextOf(state: State): StyleContext {
  return {
    colour: state.colours.colour,
    image(url) {
      const source = readImageSource(url)
      switch (source?.kind) {
        case undefined:
          return undefined
        case 'data':
          return cssUrl(source.url)
        case 'inline':
          return `var(--${namePrefix}cid-${cidAt(state, source.cid)}, none)`
        case 'remote':
          state.images.add(source.url)
          return state.options.remoteUrl ? cssUrl(state.options.remoteUrl(source.url)) : 'none'
        default:
          return source satisfies never
      }
    },
  }
}

function cssUrl(url: string): string {
  return `url("${url.replaceAll(/["\\\n\r\f]/g, character => `\\${character.charCodeAt(0).toString(16)} `)}")`
}

function cidAt({ cids }: State, cid: string): number {
  const at = cids.indexOf(cid)
  return at >= 0 ? at : cids.push(cid) - 1
}

function cleanElement(element: HTMLElement, state: State, context: StyleContext): void {
  for (const { name, value } of element.attributes) if (isMarked(value)) element.setAttribute(name, unmarked(value))
  for (const name of namingAttributes) prefixName(element, name)
  cleanGround(element, state, context)
  if (isWide(element, state)) element.setAttribute('data-letter-wide', '')
  if (element.localName === 'img') cleanImage(element, state)
  else element.removeAttribute('src')
  if (element.localName === 'a' || element.localName === 'area') cleanLink(element, state)
  else element.removeAttribute('href')
}

/** Wider than a telephone: there it gives way (frame-document.ts). */
function isWide(element: HTMLElement, { styles }: State): boolean {
  if (element.localName === 'hr') return false
  const style = styles.get(element) ?? ''
  const said = [
    element.getAttribute('width'),
    ...Array.from(style.matchAll(/(?:^|[;\s])(?:min-)?width:\s*([\d.]+)(?:px)/g), ([, px]) => px),
  ]
  return said.some(
    width => width !== null && width !== undefined && /^[\d.]+(?:px)?$/.test(width) && Number.parseFloat(width) > 300,
  )
}

function prefixName(element: HTMLElement, name: string): void {
  const value = element.getAttribute(name)
  if (value === null) return
  const bare = value.replace(/^#/, '').trim()
  if (bare === '') element.removeAttribute(name)
  else
    element.setAttribute(
      name,
      `${name === 'usemap' ? '#' : ''}${bare
        .split(/\s+/)
        .map(one => namePrefix + one)
        .join(' ')}`,
    )
}

/** Style, colours and grounds, as attributes and as CSS. */
function cleanGround(element: HTMLElement, state: State, context: StyleContext): void {
  const text = element.getAttribute(styleName) ?? element.getAttribute('style')
  element.removeAttribute(styleName)
  element.removeAttribute('style')
  const style = [...cleanColours(element, context), cleanPicture(element, context)]
  if (text !== null) style.push(known(text, state, context))
  const all = style.filter(part => part !== '').join(';')
  if (all !== '') state.styles.set(element, all)
}

/** Those that are changed become style. */
function cleanColours(element: HTMLElement, { colour }: StyleContext): readonly string[] {
  return [['bgcolor', 'background-color'] as const, ['color', 'color'] as const, ['text', 'color'] as const].map(
    ([attribute, property]) => {
      const value = element.getAttribute(attribute)
      const cleaned = value === null ? value : colour(property, value, false)
      if (cleaned === value) return ''
      element.removeAttribute(attribute)
      return cleaned === null ? '' : `${property}:${cleaned}`
    },
  )
}

function cleanPicture(element: HTMLElement, context: StyleContext): string {
  const background = element.getAttribute('background')
  element.removeAttribute('background')
  const picture = background === null ? undefined : context.image(background)
  if (picture === undefined) return ''
  context.colour('background-image', picture, false)
  return `background-image:${picture}`
}

function known(text: string, state: State, context: StyleContext): string {
  let cleaned = state.known.get(text)
  if (cleaned === undefined) state.known.set(text, (cleaned = cleanDeclarations(text, context)))
  return cleaned
}

function cleanImage(image: HTMLElement, state: State): void {
  const source = readImageSource(image.getAttribute('src') ?? '')
  image.removeAttribute('src')
  if (Number(image.getAttribute('width')) > 200) image.setAttribute('data-letter-large', '')
  switch (source?.kind) {
    case undefined:
      return
    case 'data':
      return image.setAttribute('src', source.url)
    case 'inline':
      return image.setAttribute('data-letter-cid', String(cidAt(state, source.cid)))
    case 'remote':
      return cleanRemoteImage(image, source.url, state)
    default:
      return source satisfies never
  }
}

function cleanRemoteImage(image: HTMLElement, url: string, { images, trackers, styles, options }: State): void {
  const [width, height] = [image.getAttribute('width'), image.getAttribute('height')]
  const facts = {
    url,
    ...(width !== null && { width }),
    ...(height !== null && { height }),
    style: styles.get(image) ?? '',
  }
  images.add(url)
  if (isTracker(facts)) trackers.add(url)
  else if (!options.remoteUrl) image.setAttribute('data-letter-hidden', '')
  // what nobody could see is not fetched even when images are shown
  if (options.remoteUrl && !isTracker(facts)) image.setAttribute('src', options.remoteUrl(url))
}

function cleanLink(link: HTMLElement, { options }: State): void {
  const href = link.getAttribute('href')
  link.removeAttribute('href')
  link.removeAttribute('type')
  if (href === null) return
  if (/^\s*#/.test(href)) return link.setAttribute('data-letter-target', namePrefix + href.trim().slice(1))
  const read = readLink(href, link.textContent.slice(0, 300))
  if (!read) return
  link.setAttribute('href', read.href)
  link.setAttribute('target', '_blank')
  link.setAttribute('rel', 'noopener noreferrer nofollow')
  if (read.trueHost === undefined) return
  link.setAttribute('title', options.trueHost(read.trueHost))
  link.append(hostNote(link.ownerDocument, options.trueHost(read.trueHost)))
}

/** Its looks are set later with `!important`, where no style of the letter reaches it (frame-document.ts). */
function hostNote(document: Document, text: string): HTMLElement {
  const note = document.createElement('span')
  note.setAttribute('data-letter-host', '')
  note.textContent = text
  return note
}
