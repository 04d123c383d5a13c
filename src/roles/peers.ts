/** Who may speak on the link, by client certificate or by name and password; read once, at the start. */
import type { LmtpPeers } from '#protocols/smtp/options.ts'
import { fingerprintOf, readSecret } from './surroundings.ts'

export type ConfiguredPeer = {
  readonly name: string
  readonly clientCertificate?: string | undefined
  readonly clientCertificateFile?: string | undefined
  readonly saslPasswordFile?: string | undefined
}

export async function peersOf(configured: readonly ConfiguredPeer[]): Promise<Omit<LmtpPeers, 'allowUnauthenticated'>> {
  const certificates = new Map<string, string>()
  const passwords = new Map<string, string>()
  for (const peer of configured) {
    if (peer.clientCertificate !== undefined) certificates.set(peer.clientCertificate, peer.name)
    if (peer.clientCertificateFile !== undefined)
      certificates.set(await fingerprintOf(peer.clientCertificateFile), peer.name)
    if (peer.saslPasswordFile !== undefined) passwords.set(peer.name, await readSecret(peer.saslPasswordFile))
  }
  return { certificates, passwords }
}
