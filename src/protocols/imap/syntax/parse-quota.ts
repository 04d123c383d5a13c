/** GETQUOTA, GETQUOTAROOT, SETQUOTA. RFC 9208 §7 */
import { expectAstring, expectList, expectName, expectNumber64, expectSpace } from './grammar.ts'
import { mailboxNameLimit } from './limits.ts'
import { expectMailbox } from './parse-mailbox.ts'
import type { Reader } from './reader.ts'
import type { QuotaLimit, RequestNamed } from './request.ts'

type QuotaName = 'GETQUOTA' | 'GETQUOTAROOT' | 'SETQUOTA'

export function parseQuota(reader: Reader, name: QuotaName): RequestNamed<QuotaName> {
  expectSpace(reader)
  if (name === 'GETQUOTAROOT') return { name, mailbox: expectMailbox(reader) }
  const root = expectQuotaRoot(reader)
  if (name === 'GETQUOTA') return { name, root }
  expectSpace(reader)
  return { name, root, limits: expectList(reader, expectQuotaLimit, { empty: true }) }
}

function expectQuotaRoot(reader: Reader): string {
  const start = reader.position
  const bytes = expectAstring(reader)
  if (bytes.length > mailboxNameLimit) reader.fail('The quota root is too long', start)
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function expectQuotaLimit(reader: Reader): QuotaLimit {
  const resource = expectName(reader)
  expectSpace(reader)
  return { resource, limit: expectNumber64(reader) }
}
