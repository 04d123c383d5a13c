/** Names of annotations, wherever they stand. RFC 5464 §3.2, §5 */
import { asciiText } from '#base/bytes.ts'
import { expectAstring, expectList } from './grammar.ts'
import { entryNameLimit } from './limits.ts'
import type { Reader } from './reader.ts'

/** One, or several in parentheses. */
export function expectEntries(reader: Reader): string[] {
  return reader.peek() === 0x28 ? expectList(reader, expectEntry) : [expectEntry(reader)]
}

/** §3.2. The prefix alone may be asked for, with all that lies below it. */
export function expectEntry(reader: Reader): string {
  const start = reader.position
  const bytes = expectAstring(reader)
  const isPlain = bytes.every(byte => byte >= 0x20 && byte < 0x7f && byte !== 0x2a && byte !== 0x25)
  const entry = isPlain && bytes.length <= entryNameLimit ? asciiText(bytes) : ''
  if (!/^\/(private|shared)(\/[^/]+)*$/i.test(entry)) reader.fail('This is no name of an entry', start)
  return entry
}
