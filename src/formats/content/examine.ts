/**
 * One look at a message: evidence and tokens. Pure, bounded in time and memory whatever the message says; runs in a thread all the
 * same, as everything that reads hostile mail does.
 */
import { readerOf } from '#formats/message/byte-reader.ts'
import { htmlText } from '#formats/message/html-text.ts'
import { type Part, parseStructure } from '#formats/message/structure.ts'
import { isAttachment, leaves, partText } from '#formats/message/text-of.ts'
import { judgeAttachments } from './attachments.ts'
import type { Evidence, Examination } from './evidence.ts'
import { judgeHeader } from './headers.ts'
import { htmlFacts, type Link, plainLinks } from './html-links.ts'
import { maxExaminedBytes, maxPartBytes, maxTextParts, maxTextUnits } from './limits.ts'
import { judgeLinks } from './links.ts'
import { TokenBag } from './tokens.ts'

export type ExamineOptions = {
  /** Milliseconds since 1970 */
  readonly receivedAt: number
  readonly shorteners: ReadonlySet<string>
  /** Chooses among too many tokens */
  readonly seed: number
}

/** Everybody's letter by which a filter is tried: the string of SpamAssassin's GTUBE. */
const testString = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

/** `bytes`: as received, from the first octet on. */
export function examine(bytes: Uint8Array, options: ExamineOptions): Examination {
  const reader = readerOf(bytes.subarray(0, maxExaminedBytes))
  const { root, fields, header } = parseStructure(reader)
  const bag = new TokenBag(options.seed)
  const about = judgeHeader(header, fields, options.receivedAt, bag)
  const parts = leaves(root)
  const text = readTexts(bytes, parts)
  const links = judgeLinks(text.links, options.shorteners)
  const attachments = judgeAttachments(reader, parts)
  for (const host of links.hosts) bag.add(`u:${host}`)
  for (const extension of attachments.extensions) bag.add(`x:${extension}`)
  bag.add(`c:${root.type}/${root.subtype}`)
  const evidence = [...about.evidence, ...links.evidence, ...attachments.evidence, ...text.evidence]
  const { from, recipients, bulk } = about
  const words = beginningOf(text.words)
  let tokens: readonly string[] | undefined
  return {
    evidence,
    from,
    recipients,
    bulk,
    // half of the work, and for an account that has learnt nothing nobody asks
    get tokens() {
      if (!tokens) {
        bag.addText('', words)
        tokens = bag.tokens()
      }
      return tokens
    },
  }
}

/** In memory of its own: a slice would keep all of a long text. */
function beginningOf(text: string): string {
  if (text.length <= maxTextUnits) return text
  return Buffer.from(text.slice(0, maxTextUnits), 'utf16le').toString('utf16le')
}

type Texts = { readonly words: string; readonly links: readonly Link[]; readonly evidence: readonly Evidence[] }

function readTexts(bytes: Uint8Array, parts: readonly Part[]): Texts {
  const reader = readerOf(bytes)
  const texts = parts.filter(part => part.type === 'text' && !isAttachment(reader, part)).slice(0, maxTextParts)
  const words: string[] = []
  const links: Link[] = []
  let images = parts.filter(part => part.type === 'image').length
  let hides = false
  for (const part of texts) {
    const text = partText(reader, part, maxPartBytes)
    if (part.subtype === 'html') {
      const facts = htmlFacts(text)
      links.push(...facts.links)
      images += facts.images
      hides ||= facts.hides
      words.push(htmlText(text, maxTextUnits))
    } else {
      links.push(...plainLinks(text.slice(0, 4 * maxTextUnits)))
      words.push(text)
    }
  }
  const all = words.join('\n')
  const evidence: Evidence[] = []
  if (all.includes(testString)) evidence.push({ code: 'test-string' })
  if (images > 0 && texts.some(part => part.subtype === 'html') && all.replace(/\s/g, '').length < 40)
    evidence.push({ code: 'only-images' })
  if (hides) evidence.push({ code: 'hidden-text' })
  return { words: all, links, evidence }
}
