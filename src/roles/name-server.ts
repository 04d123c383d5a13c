/** The name servers of net/dns.ts behind the port that mail/ asks. */
import { offAbort, onAbort } from '#base/deadline.ts'
import type { DnsAnswer, NameServer } from '#mail/name-server.ts'
import type { Resolver } from '#net/dns.ts'

export function nameServerOf(resolver: Resolver): NameServer {
  return {
    txt: (name, signal) => orAborted(resolver.txt(name), signal),
    a: (name, signal) => orAborted(resolver.a(name), signal),
    aaaa: (name, signal) => orAborted(resolver.aaaa(name), signal),
    ptr: (address, signal) => orAborted(resolver.ptr(address), signal),
    mx: (domain, signal) => orAborted(resolver.mx(domain), signal),
  }
}

const aborted = { kind: 'temporary', reason: 'ABORTED' } as const

/** A question cannot be taken back; who asked goes on without its answer. */
async function orAborted<Value>(
  question: Promise<DnsAnswer<Value>>,
  signal: AbortSignal | undefined,
): Promise<DnsAnswer<Value>> {
  if (!signal) return question
  if (signal.aborted) return aborted
  let stop = () => undefined as void
  const gone = new Promise<DnsAnswer<Value>>(resolve => {
    stop = () => resolve(aborted)
    onAbort(signal, stop)
  })
  try {
    return await Promise.race([question, gone])
  } finally {
    offAbort(signal, stop)
  }
}
