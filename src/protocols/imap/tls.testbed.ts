/** A certificate for home.test by an authority of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import { openLocalCa } from '#net/tls/local-ca.ts'

/** `ca`: PEM, what a client has to trust */
export async function withTls(act: (tls: TlsOptions, ca: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-imap-tls-'))
  try {
    const ca = await openLocalCa(folder)
    const { cert, key } = await ca.issueServer(['home.test'])
    await act({ cert, key }, ca.certificatePem)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}
