/** A name server out of a table, for tests. `answer` decides by type and lower-case name. */
import type { NameAnswer, Names } from './names.ts'

export type RecordType = 'TXT' | 'A' | 'AAAA' | 'MX' | 'PTR'
/** `TIMEOUT` instead of records: no answer */
export type NameTable = Readonly<Record<string, Partial<Record<RecordType, readonly string[] | 'TIMEOUT'>>>>

export type CountedNames = Names & { readonly asked: string[] }

export function tableNames(table: NameTable): CountedNames {
  const asked: string[] = []
  const lower = new Map(Object.entries(table).map(([name, records]) => [name.toLowerCase(), records]))
  const answer = (type: RecordType, name: string): Promise<NameAnswer<readonly string[]>> => {
    asked.push(`${type} ${name}`)
    const records = lower.get(name.toLowerCase().replace(/\.$/, ''))
    const values = records?.[type]
    if (values === 'TIMEOUT') return Promise.resolve({ kind: 'temporary', reason: 'ETIMEOUT' })
    if (!values || values.length === 0) return Promise.resolve({ kind: 'none', exists: records !== undefined })
    return Promise.resolve({ kind: 'found', value: values })
  }
  return {
    asked,
    txt: name => answer('TXT', name),
    a: name => answer('A', name),
    aaaa: name => answer('AAAA', name),
    mx: name => answer('MX', name),
    ptr: address => answer('PTR', address),
  }
}
