/** What the judgement asks of DNS, in its own words: made of the port that mail/ has, or of a table in tests. */
import type { DnsAnswer, NameServer } from '../name-server.ts'

export type NameAnswer<Value> =
  | { readonly kind: 'found'; readonly value: Value }
  /** No such record; `exists` false: no such name at all (NXDOMAIN) */
  | { readonly kind: 'none'; readonly exists: boolean }
  | { readonly kind: 'temporary'; readonly reason: string }

export type Names = {
  /** One string a record, one character per octet, its parts joined without a blank */
  txt(name: string): Promise<NameAnswer<readonly string[]>>
  a(name: string): Promise<NameAnswer<readonly string[]>>
  aaaa(name: string): Promise<NameAnswer<readonly string[]>>
  /** Names of hosts, the preferred first */
  mx(name: string): Promise<NameAnswer<readonly string[]>>
  /** Names of an address, without a final dot */
  ptr(address: string): Promise<NameAnswer<readonly string[]>>
}

/** Labels of 1 to 63 octets, 253 in all (RFC 1035 §2.3.4): what is not so is never asked. */
export function canBeAsked(name: string): boolean {
  if (name === '' || name.length > 254) return false
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.')
  return name.length <= (name.endsWith('.') ? 254 : 253) && labels.every(label => label !== '' && label.length <= 63)
}

export function namesOf(server: NameServer): Names {
  return {
    txt: async name => plain(await server.txt(name)),
    a: async name => plain(await server.a(name)),
    aaaa: async name => plain(await server.aaaa(name)),
    async mx(name) {
      const answer = plain(await server.mx(name))
      return answer.kind === 'found' ? { ...answer, value: answer.value.map(({ exchange }) => exchange) } : answer
    },
    ptr: async address => plain(await server.ptr(address)),
  }
}

function plain<Value>(answer: DnsAnswer<Value>): NameAnswer<Value> {
  return answer.kind === 'none' ? { kind: 'none', exists: answer.exists !== false } : answer
}
