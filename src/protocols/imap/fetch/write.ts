/** FETCH responses of one message, from what has been read for it. */
import { utf8 } from '#base/bytes.ts'
import type { EmailPart, EmailParts } from '#mail/account-email.ts'
import type { ThreadId } from '#mail/ids.ts'
import { printEmailId, printThreadId } from '#mail/object-ids.ts'
import type { Lines } from '../lines.ts'
import { messageBytes } from '#mail/message-bytes.ts'
import type { Output } from '../peer.ts'
import type { SelectedMailbox } from '../selected-mailbox.ts'
import { quoted } from '../syntax/print.ts'
import { printDateTime } from '../syntax/date.ts'
import { fetchStart } from '../uid-only.ts'
import { writeBinary, type DecodedParts } from './binary.ts'
import type { Batch } from './batch.ts'
import { partOf, type FetchPlan, type PlannedItem, type RowItem, type ViewItem } from './plan.ts'
import type { SectionedMessage } from './sections.ts'

type PlannedSection = Extract<PlannedItem, { readonly from: 'message' }>

/** Answers made of the packed view alone. */
export function printViewItem(item: ViewItem, selected: SelectedMailbox, index: number): string {
  switch (item) {
    case 'FLAGS':
      return `FLAGS (${selected.flagsText(selected.view.flags(index))})`
    case 'UID':
      return `UID ${selected.view.uid(index)}`
    case 'MODSEQ':
      return `MODSEQ (${selected.view.modSeqOf(index)})`
    case 'EMAILID':
      return `EMAILID (${printEmailId(selected.view.emailId(index))})`
    default:
      return item satisfies never
  }
}

/** What is text of an item of the row; its octets, if it has any, come behind. */
function printRowItem(item: RowItem, { facts }: EmailParts, at: number): string {
  switch (item) {
    case 'INTERNALDATE':
      return `INTERNALDATE "${printDateTime(facts.internalDate?.[at] ?? 0)}"`
    case 'RFC822.SIZE':
      return `RFC822.SIZE ${facts.sizeBytes?.[at] ?? 0}`
    case 'THREADID':
      return `THREADID (${printThreadId((facts.threadId?.[at] ?? 0) as ThreadId)})`
    case 'ENVELOPE':
    case 'BODY':
    case 'BODYSTRUCTURE':
      return `${item} `
    default:
      return item satisfies never
  }
}

/** One message's place in a batch that has been read. */
export type Letter = {
  readonly batch: Batch
  readonly at: number
  readonly index: number
  /** Opened for those sections that do not stand ready */
  readonly message: SectionedMessage | undefined
  readonly decoded: DecodedParts | undefined
}

/** It was there when its batch was read. */
export function isThere(plan: FetchPlan, { parts, saveDates, previews }: Batch, at: number): boolean {
  if (plan.needsRow && parts?.found[at] !== 1) return false
  if (plan.needsPreview !== 'no' && previews?.[at] === undefined) return false
  return !plan.needsSaveDate || saveDates?.[at] !== undefined
}

/** All that is asked of it has been read with its batch. */
export function isReady(plan: FetchPlan, batch: Batch, at: number): boolean {
  const { items } = plan
  if (plan.decodes) return false
  for (let index = 0; index < items.length; index += 1) {
    const planned = items[index]
    if (planned?.from === 'message' && !hasOctets(batch, index, at)) return false
  }
  return true
}

function hasOctets({ octets }: Batch, position: number, at: number): boolean {
  return (octets[position]?.ends[at] ?? 0) > 0
}

/** Writes it whole at once, or waits in between for octets that are read only now. */
export function writeMessage(
  plan: FetchPlan,
  letter: Letter,
  selected: SelectedMailbox,
  lines: Lines,
  output: Output,
): Promise<void> | undefined {
  if (letter.message) return writeOpened(plan, letter, letter.message, selected, lines, output)
  let text = fetchStart(selected.view, letter.index, plan.uidOnly)
  for (let index = 0; index < plan.items.length; index += 1) {
    const planned = plan.items[index] as PlannedItem
    if (index > 0) text += ' '
    // for decoded parts the message has been opened
    if (planned.from !== 'binary') text = writeItem(text, { planned, position: index }, letter, selected, lines)
  }
  lines.add(`${text})\r\n`)
  return undefined
}

async function writeOpened(
  plan: FetchPlan,
  letter: Letter,
  message: SectionedMessage,
  selected: SelectedMailbox,
  lines: Lines,
  output: Output,
): Promise<void> {
  let text = fetchStart(selected.view, letter.index, plan.uidOnly)
  for (const [index, planned] of plan.items.entries()) {
    if (index > 0) text += ' '
    if (planned.from !== 'message' && planned.from !== 'binary') {
      text = writeItem(text, { planned, position: index }, letter, selected, lines)
      continue
    }
    lines.add(text)
    lines.end()
    text = ''
    if (planned.from === 'message') await writeSection(planned, message, output)
    else await writeBinary(planned, letter.decoded?.get(planned), message, output)
  }
  lines.add(`${text})\r\n`)
}

/** `position`: in the plan */
type WrittenItem = {
  readonly planned: Exclude<PlannedItem, { readonly from: 'binary' }>
  readonly position: number
}

/** Writes `text` and the item, or returns what is still to be written. */
function writeItem(
  text: string,
  { planned, position }: WrittenItem,
  { batch, at, index }: Letter,
  selected: SelectedMailbox,
  lines: Lines,
): string {
  switch (planned.from) {
    case 'view':
      return text + printViewItem(planned.item, selected, index)
    case 'placement':
      return `${text}SAVEDATE "${printDateTime(batch.saveDates?.[at] ?? 0)}"`
    case 'preview':
      return writePreview(text, batch.previews?.[at] ?? null, lines)
    case 'row': {
      const { parts } = batch
      if (!parts) return text
      const whole = text + printRowItem(planned.item, parts, at)
      const name = partOf(planned)
      const part = name && parts.parts[name]
      const ascii = name && batch.texts[name]
      if (part && ascii !== undefined) return whole + ascii.slice(part.starts[at], part.ends[at])
      const source = batch.octets[position]
      return source?.ends[at] ? writeRange(whole, source, source.starts[at] ?? 0, source.ends[at] ?? 0, lines) : whole
    }
    case 'message': {
      const fields = selectedText(planned, batch, at)
      if (fields !== undefined) return `${text}${planned.label} {${fields.length}}\r\n${fields}`
      const source = batch.octets[position]
      if (!source?.ends[at]) return `${text}${planned.label} NIL`
      const { start, end } = sectionIn(planned, source, batch.parts?.facts.headerBytes?.[at] ?? 0, at)
      if (planned.select) return writeSelected(text, planned, source.bytes.subarray(start, end), lines)
      return writeRange(`${text}${planned.label} {${end - start}}\r\n`, source, start, end, lines)
    }
    default:
      return planned satisfies never
  }
}

function writeRange(text: string, { bytes }: EmailPart, start: number, end: number, lines: Lines): string {
  lines.addOctets(text, bytes, start, end)
  return ''
}

function writeSelected(text: string, planned: PlannedSection, section: Uint8Array, lines: Lines): string {
  const fields = planned.select?.(section) ?? section
  const { start, end } = within(0, fields.length, planned.partial)
  lines.addOctets(`${text}${planned.label} {${end - start}}\r\n`, fields, start, end)
  return ''
}

/** An nstring in UTF-8, as it is: RFC 8970 §3.3. */
function writePreview(text: string, preview: string | null, lines: Lines): string {
  if (preview === null) return `${text}PREVIEW NIL`
  if (/^[ -~]*$/.test(preview)) return `${text}PREVIEW ${quoted(preview)}`
  const bytes = utf8(preview)
  lines.addOctets(`${text}PREVIEW {${bytes.length}}\r\n`, bytes, 0, bytes.length)
  return ''
}

/** Undefined: it has to be taken from octets. */
function selectedText(planned: PlannedSection, { parts, texts }: Batch, at: number): string | undefined {
  const fields = planned.selectText && texts.commonFields
  const part = parts?.parts.commonFields
  if (fields === undefined || !part?.ends[at] || !planned.selectText) return undefined
  const selected = planned.selectText(fields, part.starts[at] ?? 0, part.ends[at] ?? 0)
  const { partial } = planned
  return partial ? selected.slice(partial.offset, partial.offset + partial.count) : selected
}

/** Where the section of one message lies; where fields are selected, what they are selected from. */
function sectionIn(planned: PlannedSection, source: EmailPart, headerBytes: number, at: number): ByteSpan {
  const start = source.starts[at] ?? 0
  const end = source.ends[at] ?? 0
  const { kind } = planned.section.text
  const headerEnd = Math.min(end, start + headerBytes)
  const first = kind === 'TEXT' ? headerEnd : start
  const last = kind === 'ALL' || kind === 'TEXT' || partOf(planned) === 'commonFields' ? end : headerEnd
  if (planned.select) return { start: first, end: last }
  return within(first, last, planned.partial)
}

type ByteSpan = { readonly start: number; readonly end: number }

function within(first: number, last: number, partial: PlannedSection['partial']): ByteSpan {
  if (!partial) return { start: first, end: last }
  const start = Math.min(last, first + partial.offset)
  return { start, end: Math.min(last, start + partial.count) }
}

/** `BODY[TEXT] {342}` and the octets, chunk by chunk. */
async function writeSection(planned: PlannedSection, message: SectionedMessage, output: Output): Promise<void> {
  const content = await message.content(planned)
  if (content.kind === 'missing') return output.write(`${planned.label} NIL`)
  const first = content.kind === 'range' ? content.range.offset : 0
  const last = first + (content.kind === 'range' ? content.range.length : content.bytes.length)
  const start = Math.min(last, first + (planned.partial?.offset ?? 0))
  const end = Math.min(last, start + (planned.partial?.count ?? Infinity))
  output.write(`${planned.label} {${end - start}}\r\n`)
  if (content.kind === 'bytes') return output.write(content.bytes.subarray(start, end))
  for await (const chunk of messageBytes(message.source, start, end)) {
    output.write(chunk)
    if (output.isFull) await output.room()
  }
}
