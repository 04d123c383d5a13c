/** Boxes of ours that speak to this one: each by a name of its own, and proved by something. */
import type { Text } from '#base/text.ts'
import type { Finding } from './crosscheck.ts'
import type { PathKeys } from './walk.ts'

type Peer = {
  readonly name: string
  readonly clientCertificate?: string | undefined
  readonly clientCertificateFile?: string | undefined
  readonly saslPasswordFile?: string | undefined
}

/** `at`: where the list stands; `unproved`: what to say of one that nothing proves */
export function* proved(peers: readonly Peer[], at: PathKeys, unproved: Text): Iterable<Finding> {
  const names = new Set<string>()
  for (const [index, peer] of peers.entries()) {
    const path = [...at, index]
    if (names.has(peer.name))
      yield {
        code: 'CONF-CONFLICT',
        path: [...path, 'name'],
        text: { en: `${peer.name} is there twice`, ja: `${peer.name} が二つあります` },
      }
    names.add(peer.name)
    if (peer.clientCertificate ?? peer.clientCertificateFile ?? peer.saslPasswordFile) continue
    yield { code: 'CONF-MISSING', path, text: unproved }
  }
}
