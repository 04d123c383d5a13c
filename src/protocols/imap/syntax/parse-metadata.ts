/** GETMETADATA and SETMETADATA. RFC 5464 §5 */
import { expectList, expectName, expectNstring, expectNumber, expectSpace, trySpace } from './grammar.ts'
import { listLimit } from './limits.ts'
import { expectEntries, expectEntry } from './parse-entries.ts'
import { expectMailbox } from './parse-mailbox.ts'
import type { Reader } from './reader.ts'
import type { MetadataDepth, MetadataValue, RequestNamed } from './request.ts'

type GetMetadata = RequestNamed<'GETMETADATA'>
type Options = Pick<GetMetadata, 'maxSize' | 'depth'>

/** The options stand before the mailbox in the grammar, and behind it in the RFC's own examples: both are understood. */
export function parseGetMetadata(reader: Reader): GetMetadata {
  expectSpace(reader)
  let options = tryOptions(reader)
  const mailbox = expectMailbox(reader)
  expectSpace(reader)
  if (!options) options = tryOptions(reader)
  const entries = expectEntries(reader)
  // without parentheses in examples of §4.4.1
  while (trySpace(reader) && !reader.atEnd) {
    entries.push(...expectEntries(reader))
    if (entries.length > listLimit) reader.fail('The list is too long')
  }
  return { name: 'GETMETADATA', mailbox, maxSize: options?.maxSize, depth: options?.depth ?? 0, entries }
}

/** Entry names begin with `/`, options do not. With the space that follows. */
function tryOptions(reader: Reader): Options | undefined {
  const next = reader.peek(1) | 0x20
  if (reader.peek() !== 0x28 || next < 0x61 || next > 0x7a) return undefined
  let maxSize: number | undefined
  let depth: MetadataDepth | undefined
  expectList(reader, () => {
    const start = reader.position
    const name = expectName(reader)
    expectSpace(reader)
    if (name === 'MAXSIZE' && maxSize === undefined) maxSize = expectNumber(reader)
    else if (name === 'DEPTH' && depth === undefined) depth = expectDepth(reader)
    else reader.fail('Unknown option, or a second one', start)
  })
  expectSpace(reader)
  return { maxSize, depth: depth ?? 0 }
}

function expectDepth(reader: Reader): MetadataDepth {
  const start = reader.position
  const word = expectName(reader)
  if (word === '0' || word === '1') return word === '0' ? 0 : 1
  return word === 'INFINITY' ? 'infinity' : reader.fail('The depth is 0, 1 or infinity', start)
}

export function parseSetMetadata(reader: Reader): RequestNamed<'SETMETADATA'> {
  expectSpace(reader)
  const mailbox = expectMailbox(reader)
  expectSpace(reader)
  return { name: 'SETMETADATA', mailbox, values: expectList(reader, expectValue) }
}

function expectValue(reader: Reader): MetadataValue {
  const start = reader.position
  const entry = expectEntry(reader)
  // §3.2.1: at least two levels, below a vendor's name at least four
  if (!/^\/[^/]+\/(?!vendor(\/[^/]*)?$)/i.test(entry)) reader.fail('The name of the entry is too short', start)
  expectSpace(reader)
  return { entry, value: expectNstring(reader) }
}
