/** FETCH responses of one message, from what has been read for it. */
import { utf8 } from '#base/bytes.ts'
import type { EmailRow } from '#mail/account.ts'
import { printEmailId, printThreadId } from '#mail/object-ids.ts'
import { messageBytes } from '../message-bytes.ts'
import type { Output } from '../peer.ts'
import type { SelectedMailbox } from '../selected-mailbox.ts'
import { quoted } from '../syntax/print.ts'
import { printDateTime } from '../syntax/date.ts'
import { fetchStart } from '../uid-only.ts'
import { writeBinary, type DecodedParts } from './binary.ts'
import type { FetchPlan, PlannedItem, RowItem, ViewItem } from './plan.ts'
import type { SectionedMessage } from './sections.ts'

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

export function writeRowItem(item: RowItem, row: EmailRow, output: Output): void {
  switch (item) {
    case 'INTERNALDATE':
      return output.write(`INTERNALDATE "${printDateTime(row.internalDate)}"`)
    case 'RFC822.SIZE':
      return output.write(`RFC822.SIZE ${row.sizeBytes}`)
    case 'ENVELOPE':
      output.write('ENVELOPE ')
      return output.write(row.envelope)
    case 'BODY':
      output.write('BODY ')
      return output.write(row.body)
    case 'BODYSTRUCTURE':
      output.write('BODYSTRUCTURE ')
      return output.write(row.bodyStructure)
    case 'THREADID':
      return output.write(`THREADID (${printThreadId(row.threadId)})`)
    default:
      return item satisfies never
  }
}

/** `BODY[TEXT] {342}` and the octets, chunk by chunk. */
export async function writeSection(
  planned: Extract<PlannedItem, { readonly from: 'message' }>,
  message: SectionedMessage,
  output: Output,
): Promise<void> {
  const content = await message.content(planned.section)
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

/** An nstring in UTF-8, as it is: RFC 8970 §3.3. */
function writePreview(preview: string | null, output: Output): void {
  if (preview === null) return output.write('PREVIEW NIL')
  if (/^[ -~]*$/.test(preview)) return output.write(`PREVIEW ${quoted(preview)}`)
  const bytes = utf8(preview)
  output.write(`PREVIEW {${bytes.length}}\r\n`)
  output.write(bytes)
}

export type FetchedMessage = {
  readonly index: number
  readonly row: EmailRow | undefined
  readonly saveDate: number | undefined
  /** Null: not ready */
  readonly preview: string | null | undefined
  readonly message: SectionedMessage | undefined
}

export async function writeMessage(
  plan: FetchPlan,
  { index, row, saveDate, preview, message }: FetchedMessage,
  selected: SelectedMailbox,
  output: Output,
  decoded?: DecodedParts,
): Promise<void> {
  output.write(fetchStart(selected.view, index, plan.uidOnly))
  let separator = ''
  for (const planned of plan.items) {
    output.write(separator)
    separator = ' '
    if (planned.from === 'view') output.write(printViewItem(planned.item, selected, index))
    else if (planned.from === 'row' && row) writeRowItem(planned.item, row, output)
    else if (planned.from === 'placement' && saveDate !== undefined)
      output.write(`SAVEDATE "${printDateTime(saveDate)}"`)
    else if (planned.from === 'preview' && preview !== undefined) writePreview(preview, output)
    else if (planned.from === 'message' && message) await writeSection(planned, message, output)
    else if (planned.from === 'binary' && message) await writeBinary(planned, decoded?.get(planned), message, output)
  }
  output.write(')\r\n')
}
