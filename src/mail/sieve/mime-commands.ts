/** foreverypart, replace, enclose, extracttext. RFC 5703 */
import { concatBytes, utf8 } from '#base/bytes.ts'
import { foldWords, printPhrase, unstructuredField } from '#formats/message/fold.ts'
import { printDate } from '#formats/message/date.ts'
import type { Statement } from '#formats/sieve/program.ts'
import { mimeEntity, textEntity, withLineEnds } from './compose.ts'
import { memoryKey } from './duplicate.ts'
import { countEdit } from './edit-header.ts'
import { SieveFault } from './fault.ts'
import { childrenOf, currentPart, fieldText } from './fields.ts'
import { headerBytes, type LetterField, makeField, splitHeader } from './letter.ts'
import { maxPartVisits } from './limits.ts'
import { modified } from './modifiers.ts'
import { leafText } from './part-text.ts'
import { cut, type Execute, type Flow, type Run, writeVariable } from './run.ts'
import { texts } from './texts.ts'
import { expand, expandAll } from './values.ts'
import { fromOf } from './vacation.ts'

/** §3: depth first; a loop in a loop goes through what lies within the part at hand. */
export async function forEveryPart(
  run: Run,
  { name, block }: Extract<Statement, { kind: 'foreverypart' }>,
  execute: Execute,
): Promise<Flow> {
  const around = run.parts.at(-1)
  const open = around ? childrenOf(around).toReversed() : [currentPart(run)]
  for (let part = open.pop(); part; part = open.pop()) {
    if (++run.partVisits > maxPartVisits) throw new SieveFault(texts.tooManyParts(maxPartVisits))
    run.parts.push(part)
    const root = run.letter.root()
    const flow = await execute(run, block)
    run.parts.pop()
    if (typeof flow === 'object') return flow.leaves === undefined || flow.leaves === name ? 'on' : flow
    if (flow !== 'on') return flow
    // §5: what a multipart held is gone when it was replaced
    const isGone = run.letter.root() !== root || (!part.isRoot && run.letter.isReplaced(part.part))
    if (!isGone) open.push(...childrenOf(part).toReversed())
  }
  return 'on'
}

/** §5 */
export async function replace(run: Run, statement: Extract<Statement, { kind: 'replace' }>): Promise<void> {
  countEdit(run)
  const text = withLineEnds(expand(run, statement.text))
  const entity = concatBytes((statement.mime ? mimeEntity(text) : undefined) ?? [textEntity(text)])
  const part = run.parts.at(-1)
  if (part && !part.isRoot) return run.letter.replacePart(part, entity)
  const { fields } = splitHeader(entity.subarray(0, entityHeaderEnd(entity)))
  run.letter.replaceBody([makeField('MIME-Version', '1.0'), ...fields], entity.subarray(entityHeaderEnd(entity)))
  if (statement.subject !== undefined)
    renew(run, 'Subject', makeField('Subject', cut(expand(run, statement.subject), 500)))
  if (statement.from !== undefined) renew(run, 'From', fromField(run, expand(run, statement.from)))
}

function entityHeaderEnd(entity: Uint8Array): number {
  return Buffer.from(entity.buffer, entity.byteOffset, entity.length).indexOf('\r\n\r\n') + 4
}

/** §5: what the field said before is kept as Original-Subject or Original-From. */
function renew(run: Run, name: string, field: LetterField): void {
  const old = run.letter.fields(name.toLowerCase())
  run.letter.removeFields(new Set(old))
  for (const before of old.slice(0, 1)) run.letter.addField(`Original-${name}`, fieldText(run, before), true)
  run.letter.appendField(field)
}

/** Nobody writes in the name of others. */
function fromField(run: Run, given: string): LetterField {
  const { name, address } = fromOf(run, given)
  const words = [...(name === '' ? [] : printPhrase(name).split(' ')), `<${address}>`]
  return fieldOf(utf8(foldWords('From', words)))
}

function fieldOf(bytes: Uint8Array): LetterField {
  const [field] = splitHeader(bytes).fields
  if (!field) throw new Error('A field of our own cannot be read')
  return field
}

/** §6: the message as it is when an action takes it, within another; redirect passes on the inner one. */
export function enclose(run: Run, statement: Extract<Statement, { kind: 'enclose' }>): void {
  countEdit(run)
  const copied = new Set(expandAll(run, statement.headers).map(name => name.toLowerCase()))
  const { fields } = run.letter.content
  const taken = fields.filter(({ key }) => copied.has(key) && !/^(?:content-.*|mime-version|subject)$/.test(key))
  const subject = statement.subject === undefined ? undefined : cut(expand(run, statement.subject), 500)
  const own = fields.filter(({ key }) => key === 'subject').slice(0, 1)
  const text = withLineEnds(expand(run, statement.text))
  const boundary = `=_enclosed_${memoryKey(run.message.deliveryId, run.message.recipient, String(run.edits), text).slice(0, 32)}`
  const header = concatBytes([
    ...taken.map(field => field.bytes),
    ...(copied.has('from') ? [] : [fromField(run, '').bytes]),
    ...(copied.has('date') ? [] : [utf8(foldWords('Date', dateWords(run)))]),
    ...(subject === undefined ? own.map(field => field.bytes) : [unstructuredField('Subject', subject)]),
    utf8(`MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`),
  ])
  const before = concatBytes([
    header,
    utf8(`--${boundary}\r\n`),
    textEntity(text),
    utf8(`\r\n--${boundary}\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`),
  ])
  run.letter.enclose({ before, after: utf8(`\r\n--${boundary}--\r\n`) })
}

function dateWords({ now, ports }: Run): string[] {
  return printDate(now, ports.environment.zoneMinutes(now)).split(' ')
}

/** §7: of a text part its words, of any other nothing */
export function extractText(
  run: Run,
  { variable, first, modifiers }: Extract<Statement, { kind: 'extracttext' }>,
): void {
  const part = currentPart(run)
  const isText = part.part.kind === 'leaf' && part.part.type === 'text'
  const text = isText ? leafText(run, part, true) : ''
  const cutText =
    first === undefined
      ? text
      : Array.from(text.slice(0, first * 2))
          .slice(0, first)
          .join('')
  writeVariable(run, variable.name, variable.global, modified(cutText, modifiers))
}

/** For reports: the header as it came, at most so much of it */
export function originalHeader(run: Run, limitBytes: number): Uint8Array {
  const header = headerBytes(run.letter.content)
  if (header.length <= limitBytes) return header
  const cutAt = Buffer.from(header.buffer, header.byteOffset, limitBytes).lastIndexOf('\n') + 1
  return header.subarray(0, cutAt)
}
