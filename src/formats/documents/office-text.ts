/**
 * The text of office documents: OOXML (ECMA-376: docx, xlsx, pptx) and OpenDocument (odt, ods, odp), XML files in a zip. Tags fall away; ends of
 * paragraphs and cells become line ends.
 */
import { decodeText } from '#formats/charset/decode.ts'
import { unfoldEntries } from '#formats/content/zip.ts'
import { maxUnfoldedDocumentBytes } from './limits.ts'

const textFiles =
  /^(?:content\.xml|word\/(?:document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml|xl\/(?:sharedStrings|worksheets\/sheet\d+)\.xml|ppt\/(?:slides\/slide|notesSlides\/notesSlide)\d+\.xml)$/

/** '' when it is none of these. At most `maxUnits` UTF-16 units */
export function officeText(bytes: Uint8Array, maxUnits: number): string {
  const texts: string[] = []
  let units = 0
  for (const { name, content } of unfoldEntries(bytes, entry => textFiles.test(entry), maxUnfoldedDocumentBytes)) {
    const text = xmlText(decodeText(content, 'utf-8'), name)
    texts.push(text)
    units += text.length
    if (units >= maxUnits) break
  }
  return texts.join('\n').slice(0, maxUnits)
}

/** Their content is text in OOXML; all else there is numbers and names. OpenDocument has text anywhere below its body. */
const textElements = new Set(['w:t', 'a:t', 't'])
/** Ends that part words */
const breaks = new Set([
  'w:p',
  'w:tab',
  'w:br',
  'w:cr',
  'a:p',
  'a:br',
  'si',
  'is',
  'text:p',
  'text:h',
  'text:tab',
  'text:line-break',
])

function xmlText(xml: string, name: string): string {
  const isOpenDocument = name === 'content.xml'
  const out: string[] = []
  let isText = isOpenDocument
  let phonetic = 0
  // each tag is looked at once: linear
  for (const [, tag = '', text = ''] of xml.matchAll(/<([^<>]{0,4096})>([^<]*)/g)) {
    const isEnd = tag.startsWith('/')
    const [element = ''] = tag.slice(isEnd ? 1 : 0).split(/[\s/]/, 1)
    const isEmpty = tag.endsWith('/')
    if (breaks.has(element) && (isEnd || isEmpty)) out.push('\n')
    if (element === 'text:s') out.push(' ')
    // how kanji are read, beside them
    if (element === 'rPh' && !isEmpty) phonetic += isEnd ? -1 : 1
    if (!isOpenDocument && textElements.has(element)) isText = !isEnd && !isEmpty
    if (text !== '' && isText && phonetic === 0) out.push(decodeEntities(text))
  }
  return out.join('').replaceAll(/\n{2,}/g, '\n')
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-z]{2,4}));/g,
    (all: string, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? all
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '\ufffd'
    },
  )
}
