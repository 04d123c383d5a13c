/**
 * A certificate authority of our own in a folder: for tests, the demo, the link between our boxes, and households that can
 * give every device the CA. Keys are 0600; a file is either the old or the new one, never half of it.
 */
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { type Clock, systemClock } from '#base/clock.ts'
import { checkPair, isPair, type PairFiles } from './certificate-pair.ts'
import { backdateMs, caDays, dayMs, leafDays, renewBeforeDays } from './limits.ts'
import { writeDurably } from './write-durably.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export type PairPem = { readonly cert: string; readonly key: string }

export type LocalCa = {
  /** What a client must trust */
  readonly certificatePath: string
  readonly certificatePem: string
  /** A server certificate for these names and IP addresses; the first name is the subject. */
  issueServer(names: readonly string[], options?: { days?: number; rsa?: boolean }): Promise<PairPem>
  /** A client certificate that proves a gateway to home. */
  issueClient(name: string, options?: { days?: number }): Promise<PairPem>
  /**
   * Files `name.crt` and `name.key` in the CA's folder that hold a good server certificate for these names: made when missing,
   * made anew when under 30 days are left or the names have changed.
   */
  ensureServer(name: string, names: readonly string[]): Promise<PairFiles & { readonly renewed: boolean }>
}

export async function openLocalCa(folder: string, options?: { label?: string; clock?: Clock }): Promise<LocalCa> {
  const clock = options?.clock ?? systemClock
  x509.cryptoProvider.set(webcrypto)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const files = { cert: join(folder, 'ca.crt'), key: join(folder, 'ca.key') }
  if (!(await readPair(files, clock.now()))) await makeCa(files, options?.label ?? 'Hikyaku', clock.now())
  const certificatePem = await readFile(files.cert, 'utf8')
  const authority: Authority = {
    certificate: new x509.X509Certificate(certificatePem),
    key: await importKey(await readFile(files.key, 'utf8')),
    pem: certificatePem,
  }
  const issueServer: LocalCa['issueServer'] = (names, how) =>
    issue(
      authority,
      { names, days: how?.days ?? leafDays, usage: x509.ExtendedKeyUsage.serverAuth, rsa: how?.rsa ?? false },
      clock.now(),
    )
  return {
    certificatePath: files.cert,
    certificatePem,
    issueServer,
    issueClient: (name, how) =>
      issue(
        authority,
        { names: [name], days: how?.days ?? leafDays, usage: x509.ExtendedKeyUsage.clientAuth, rsa: false },
        clock.now(),
      ),
    async ensureServer(name, names) {
      const own = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) }
      const present = await readPair(own, clock.now() + renewBeforeDays * dayMs)
      const wanted = names.map(item => item.toLowerCase())
      const same =
        present && present.names.length === wanted.length && wanted.every(item => present.names.includes(item))
      if (same && present.certPem.includes(certificatePem.trim())) return { ...own, renewed: false }
      const pair = await issueServer(wanted)
      await writePair(own, pair)
      return { ...own, renewed: true }
    },
  }
}

type Authority = { readonly certificate: x509.X509Certificate; readonly key: webcrypto.CryptoKey; readonly pem: string }
type Wanted = {
  readonly names: readonly string[]
  readonly days: number
  readonly usage: string
  readonly rsa: boolean
}

/** Key first: a crash in between leaves a pair that does not match, which is made anew at the next start. */
export async function writePair(files: PairFiles, pair: PairPem): Promise<void> {
  await writeDurably(files.key, pair.key, 0o600)
  await writeDurably(files.cert, pair.cert, 0o644)
}

async function readPair(files: PairFiles, now: number) {
  try {
    const pair = checkPair(files, await readFile(files.cert, 'utf8'), await readFile(files.key, 'utf8'), now)
    return isPair(pair) ? pair : undefined
  } catch {
    return undefined
  }
}

async function makeCa(files: PairFiles, label: string, now: number): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [`${label} local CA`] }],
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + caDays * dayMs),
    signingAlgorithm: algorithm,
    keys: keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  await writePair(files, { cert: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) })
}

async function issue(authority: Authority, wanted: Wanted, now: number): Promise<PairPem> {
  const keys = await leafKeys(wanted.rsa)
  const isServer = wanted.usage === x509.ExtendedKeyUsage.serverAuth
  const alternatives = wanted.names.map(name => ({
    type: isIP(name) ? ('ip' as const) : ('dns' as const),
    value: name,
  }))
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [(wanted.names[0] ?? '').slice(0, 64)] }],
    issuer: authority.certificate.subject,
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + wanted.days * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([wanted.usage]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(isServer ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
    ],
  })
  const chain = `${certificate.toString('pem')}\n${authority.pem.trim()}\n`
  return { cert: chain, key: await exportKey(keys.privateKey) }
}

async function leafKeys(rsa: boolean): Promise<webcrypto.CryptoKeyPair> {
  if (!rsa) return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const parameters = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  }
  return webcrypto.subtle.generateKey(parameters, true, ['sign', 'verify'])
}

/** Positive, 120 bits of chance. RFC 5280 §4.1.2.2 */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${(der.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}
