/** What a FETCH asks for, worked out once for all its messages. RFC 9051 §6.4.5 */
import { isCommonField } from '#formats/message/common-fields.ts'
import type { FieldSelector } from '#formats/message/select-fields.ts'
import { fieldTextSelector, type FieldTextSelector } from '#formats/message/select-text.ts'
import type { EmailFactName, EmailPartName } from '#mail/account-email.ts'
import type { FetchItem, FetchRequest, Partial, Section } from '../syntax/request.ts'
import { printSection } from '../syntax/print.ts'
import { askedSection } from './sections.ts'

/** Known from the packed view. */
export type ViewItem = 'FLAGS' | 'UID' | 'MODSEQ' | 'EMAILID'
/** Known from the stored row, copied as it is. */
export type RowItem = 'INTERNALDATE' | 'RFC822.SIZE' | 'ENVELOPE' | 'BODY' | 'BODYSTRUCTURE' | 'THREADID'

export type PlannedItem =
  | { readonly from: 'view'; readonly item: ViewItem }
  | { readonly from: 'row'; readonly item: RowItem }
  /** Known from the placement. RFC 8514 */
  | { readonly from: 'placement'; readonly item: 'SAVEDATE' }
  /** `lazy`: only where it is ready. RFC 8970 §4.1 */
  | { readonly from: 'preview'; readonly item: 'PREVIEW'; readonly lazy: boolean }
  /** `label`: the words before the string */
  | {
      readonly from: 'message'
      readonly label: string
      readonly section: Section
      readonly partial: Partial | undefined
      /** For HEADER.FIELDS and HEADER.FIELDS.NOT */
      readonly select: FieldSelector | undefined
      /** What is read of many messages at once and has its octets */
      readonly stored: EmailPartName | undefined
      /** For common fields that are ASCII */
      readonly selectText: FieldTextSelector | undefined
    }
  /** Decoded content of a part, or only its size. RFC 3516 */
  | {
      readonly from: 'binary'
      readonly label: string
      readonly part: readonly number[]
      readonly partial: Partial | undefined
      readonly sizeOnly: boolean
    }

export type FetchPlan = {
  readonly items: readonly PlannedItem[]
  /** What is read of many messages at once */
  readonly parts: readonly (EmailPartName | EmailFactName)[]
  readonly needsRow: boolean
  readonly needsMessage: boolean
  readonly needsSaveDate: boolean
  readonly needsPreview: 'no' | 'lazy' | 'yes'
  /** Some items are decoded */
  readonly decodes: boolean
  /** Reads like a person reads: \Seen is set */
  readonly marksSeen: boolean
  readonly uidOnly: boolean
}

export function planFetch(request: FetchRequest, { uidOnly }: { readonly uidOnly: boolean }): FetchPlan {
  const items = new Map<string, PlannedItem>()
  const add = (key: string, item: PlannedItem) => {
    if (!items.has(key)) items.set(key, item)
  }
  // RFC 9051 §6.4.9: a UID command answers with UIDs; UIDFETCH begins with it
  if (request.byUid && !uidOnly) add('UID', { from: 'view', item: 'UID' })
  for (const item of request.items) {
    const planned = planItem(item)
    add(keyOf(planned), planned)
  }
  // RFC 7162 §3.1.4.1: CHANGEDSINCE implies MODSEQ
  if (request.changedSince !== undefined) add('MODSEQ', { from: 'view', item: 'MODSEQ' })
  const planned = [...items.values()]
  const marksSeen = request.items.some(
    item => item.item === 'RFC822' || item.item === 'RFC822.TEXT' || ('peek' in item && !item.peek),
  )
  return {
    items: planned,
    needsRow: planned.some(({ from }) => from === 'row' || from === 'message' || from === 'binary'),
    needsMessage: planned.some(({ from }) => from === 'message' || from === 'binary'),
    decodes: planned.some(({ from }) => from === 'binary'),
    parts: partsOf(planned),
    needsPreview: previewNeed(planned),
    needsSaveDate: planned.some(({ from }) => from === 'placement'),
    marksSeen,
    uidOnly,
  }
}

/** The label of a partial tells where it begins alone: two of different lengths are two answers. */
function keyOf(planned: PlannedItem): string {
  if (!('label' in planned)) return planned.item
  return planned.partial ? `${planned.label} ${planned.partial.count}` : planned.label
}

function previewNeed(items: readonly PlannedItem[]): FetchPlan['needsPreview'] {
  const preview = items.find(planned => planned.from === 'preview')
  if (!preview) return 'no'
  return preview.lazy ? 'lazy' : 'yes'
}

function partsOf(items: readonly PlannedItem[]): readonly (EmailPartName | EmailFactName)[] {
  const names = new Set<EmailPartName | EmailFactName>()
  for (const planned of items) {
    const name = partOf(planned) ?? (planned.from === 'row' ? facts[planned.item] : undefined)
    if (name) names.add(name)
    // for what turns out to be read from the letter
    if (planned.from === 'message' || planned.from === 'binary') names.add('headerBytes')
  }
  // the message has its header
  if (names.has('message')) names.delete('header')
  return [...names]
}

const facts: { readonly [Item in RowItem]?: EmailFactName } = {
  INTERNALDATE: 'internalDate',
  'RFC822.SIZE': 'sizeBytes',
  THREADID: 'threadId',
}

const readyParts: { readonly [Item in RowItem]?: EmailPartName } = {
  ENVELOPE: 'envelope',
  BODYSTRUCTURE: 'bodyStructure',
  BODY: 'body',
}

/** Where its octets stand. Undefined: nowhere, or it depends on the structure of each message. */
export function partOf(planned: PlannedItem): EmailPartName | undefined {
  if (planned.from === 'row') return readyParts[planned.item]
  return planned.from === 'message' ? planned.stored : undefined
}

function storedPart({ part, text }: Section): EmailPartName | undefined {
  if (part.length > 0) return undefined
  switch (text.kind) {
    case 'HEADER.FIELDS':
      return text.fields.every(isCommonField) ? 'commonFields' : 'header'
    case 'HEADER':
    case 'HEADER.FIELDS.NOT':
      return 'header'
    case 'ALL':
    case 'TEXT':
      return 'message'
    case 'MIME':
      return undefined
    default:
      return text satisfies never
  }
}

function planSection(label: string, section: Section, partial?: Partial): PlannedItem {
  const stored = storedPart(section)
  const { text } = section
  const selectText = stored === 'commonFields' && 'fields' in text ? fieldTextSelector(text.fields) : undefined
  return { from: 'message', label, partial, stored, selectText, ...askedSection(section) }
}

const whole: Section = { part: [], text: { kind: 'ALL' } }
const header: Section = { part: [], text: { kind: 'HEADER' } }
const text: Section = { part: [], text: { kind: 'TEXT' } }

function planItem(item: FetchItem): PlannedItem {
  switch (item.item) {
    case 'FLAGS':
    case 'UID':
    case 'MODSEQ':
    case 'EMAILID':
      return { from: 'view', item: item.item }
    case 'INTERNALDATE':
    case 'RFC822.SIZE':
    case 'ENVELOPE':
    case 'BODY':
    case 'BODYSTRUCTURE':
    case 'THREADID':
      return { from: 'row', item: item.item }
    case 'PREVIEW':
      return { from: 'preview', item: item.item, lazy: item.lazy }
    case 'SAVEDATE':
      return { from: 'placement', item: item.item }
    case 'RFC822':
    case 'RFC822.PEEK':
      return planSection('RFC822', whole)
    case 'RFC822.HEADER':
      return planSection(item.item, header)
    case 'RFC822.TEXT':
      return planSection(item.item, text)
    case 'BODY[]': {
      const origin = item.partial ? `<${item.partial.offset}>` : ''
      const label = `BODY[${printSection(item.section)}]${origin}`
      return planSection(label, item.section, item.partial)
    }
    case 'BINARY[]': {
      const origin = item.partial ? `<${item.partial.offset}>` : ''
      const label = `BINARY[${item.part.join('.')}]${origin}`
      return { from: 'binary', label, part: item.part, partial: item.partial, sizeOnly: false }
    }
    case 'BINARY.SIZE[]': {
      const label = `BINARY.SIZE[${item.part.join('.')}]`
      return { from: 'binary', label, part: item.part, partial: undefined, sizeOnly: true }
    }
    default:
      return item satisfies never
  }
}
