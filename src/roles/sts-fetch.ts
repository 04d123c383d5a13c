/** How a policy of MTA-STS is fetched. RFC 8461 §3.3 */
import { fetchTimeoutMs, maxPolicyBytes } from '#mail/mta-sts/limits.ts'
import type { FetchPolicy } from '#mail/mta-sts/policies.ts'
import type { Resolver } from '#net/dns.ts'
import { httpsText } from '#net/https-text.ts'

export type StsFetchOptions = {
  readonly resolver: Pick<Resolver, 'addresses'>
  /** For tests: the port and the authority of a pretend internet */
  readonly port?: number | undefined
  readonly ca?: string | undefined
}

export function stsFetch({ resolver, port, ca }: StsFetchOptions): FetchPolicy {
  return async domain => {
    const host = `mta-sts.${domain}`
    const answer = await resolver.addresses(host)
    if (answer.kind !== 'found') throw new Error(`${host} has no address`)
    let failure: unknown
    for (const address of answer.value.slice(0, 4))
      try {
        const got = await httpsText({
          host,
          address,
          path: '/.well-known/mta-sts.txt',
          maxBytes: maxPolicyBytes,
          timeoutMs: fetchTimeoutMs,
          ...(port !== undefined && { port }),
          ...(ca !== undefined && { ca }),
        })
        // whoever redirects is not the policy's host
        if (got.status !== 200) throw new Error(`${host} answers ${got.status}`)
        if (!/^text\/plain(?:;|$)/i.test(got.contentType)) throw new Error(`${host} sends ${got.contentType}`)
        return got.text
      } catch (error) {
        failure = error
      }
    throw failure
  }
}
