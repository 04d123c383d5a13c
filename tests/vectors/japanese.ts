/** Letters in the forms that are met in Japan: subject, sender, text and file names as expected.json says. */
import { readFileSync } from 'node:fs'
import { mailboxesOf, parseAddressList } from '#formats/message/address-list.ts'
import { readerOf } from '#formats/message/byte-reader.ts'
import { parseContentType, parseDisposition } from '#formats/message/content.ts'
import { describeMessage } from '#formats/message/describe.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { fieldValue, parseHeader } from '#formats/message/header.ts'
import { fileName } from '#formats/message/parameters.ts'
import { leaves, textOf } from '#formats/message/text-of.ts'
import { type Suite, check, corpus } from './suite.ts'

type Expected = {
  readonly subject?: string
  readonly text?: string
  readonly text_has?: string
  readonly from?: readonly [string, string]
  readonly attachments?: readonly string[]
}

const folder = new URL('japanese/', corpus)

export const japanese: Suite = {
  name: 'japanese',
  run() {
    const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<string, Expected>
    return Object.entries(expected).map(([name, want]) => {
      const bytes = readFileSync(new URL(name, folder))
      return check(name, differs => {
        if (want.subject !== undefined) differs('subject', describeMessage(bytes).subject, want.subject)
        if (want.from) differs('from', senderOf(bytes), want.from)
        if (want.text !== undefined) differs('text', textOf(bytes), want.text)
        if (want.text_has !== undefined) differs('text', textOf(bytes).includes(want.text_has), true)
        if (want.attachments) differs('attachments', fileNames(bytes), want.attachments)
      })
    })
  },
}

function senderOf(bytes: Uint8Array): [string, string] {
  const value = fieldValue(bytes, parseHeader(bytes), 'from') ?? new Uint8Array(0)
  const mailbox = mailboxesOf(parseAddressList(value))[0]
  const text = (part: Uint8Array | undefined) => (part ? decodeWords(part) : '')
  return [text(mailbox?.name), `${text(mailbox?.localpart)}@${text(mailbox?.domain)}`]
}

function fileNames(bytes: Uint8Array): string[] {
  const reader = readerOf(bytes)
  return leaves(describeMessage(bytes).structure).flatMap(part => {
    const header = reader.read(part.headerStart, part.bodyStart - part.headerStart)
    const fields = parseHeader(header)
    const disposition = fieldValue(header, fields, 'content-disposition')
    const type = fieldValue(header, fields, 'content-type')
    const name = fileName(
      disposition && parseDisposition(disposition)?.parameters,
      type && parseContentType(type)?.parameters,
    )
    return name === undefined ? [] : [name]
  })
}
