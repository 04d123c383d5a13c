/** Single fields: one row each. The tables for Received fields taken apart and for comma-separated words are not used. */
import { readFileSync } from 'node:fs'
import { parseHeader } from '#formats/message/header.ts'
import { utf8 } from '#base/bytes.ts'
import { parseDate } from '#formats/message/date.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { unfold } from '#formats/message/header.ts'
import { parseMessageId, parseMessageIds } from '#formats/message/message-id.ts'
import {
  type ExpectedAddresses,
  type ExpectedDate,
  type ExpectedType,
  addresses,
  contentType,
  expectedAddresses,
  expectedType,
  milliseconds,
  oneBlank,
} from './mail-parser-fields.ts'
import { type Suite, check, corpus } from './suite.ts'

export const tables: readonly Suite[] = [
  table<ExpectedAddresses>('address', addresses, expectedAddresses),
  table<ExpectedType>('content_type', eitherType, expectedType),
  table<ExpectedDate>('date', parseDate, milliseconds),
  table<readonly string[] | null>('id', messageIds, ids => ids ?? []),
  table<string>('unstructured', value => oneBlank(decodeWords(value)), oneBlank),
]

function table<Row>(name: string, read: (value: Uint8Array) => unknown, expect: (row: Row) => unknown): Suite {
  return {
    name: `mail-parser ${name}`,
    run() {
      const path = new URL(`mail-parser/resources/${name}.json`, corpus)
      const rows = JSON.parse(readFileSync(path, 'utf8')) as { header: string; expected: Row }[]
      return rows.map((row, index) =>
        check(`${name} ${index + 1}`, differs =>
          differs(oneBlank(row.header), read(valueOf(row.header)), expect(row.expected)),
        ),
      )
    },
  }
}

/** The row's text is the value of a field, and of whatever stands after it in a header. */
function valueOf(text: string): Uint8Array {
  const header = utf8(`X:${text}`)
  const field = parseHeader(header)[0]
  return field ? unfold(header, field) : new Uint8Array(0)
}

/** The rows are types, with a subtype, and dispositions, without. */
function eitherType(value: Uint8Array): unknown {
  return contentType('content-type', value) ?? contentType('content-disposition', value)
}

/** Of References and Message-ID alike; the latter may lack brackets. */
function messageIds(value: Uint8Array): string[] {
  const ids = parseMessageIds(value, 100)
  const single = ids.length === 0 ? parseMessageId(value) : undefined
  return single === undefined ? ids : [single]
}
