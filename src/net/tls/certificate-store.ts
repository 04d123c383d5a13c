/**
 * The certificates this process serves: picked by server name, ECDSA and RSA side by side, watched on disk.
 *
 * A changed pair of files is taken into use only after it was checked as a whole; a bad one is reported and the old one kept.
 * Connections that exist keep what they began with.
 */
import { randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls'
import { type Clock, systemClock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { type CertificatePair, checkPair, covers, isPair, type PairFiles, validity } from './certificate-pair.ts'
import { dayMs, defaultPollMs, handshakeMs, maxContexts, maxPemBytes, ticketKeyLifeMs } from './limits.ts'
import { policyOptions, type TlsPolicy } from './policy.ts'
import { type TlsProblem, unusable } from './problem.ts'

export type CertificateStore = {
  /** There is something to serve; without it `secureOptions` throws, and STARTTLS is not offered. */
  readonly ready: boolean
  /** For `new TLSSocket(socket, …)` (STARTTLS) and for `tls.createServer`; take them anew for each connection or after `onChange`. */
  secureOptions(options?: { requestCert?: boolean }): TlsOptions & { secureContext: SecureContext }
  /** Called after other certificates are served, for servers that were given options once (`server.setSecureContext`). */
  onChange(listener: () => void): Disposable
  /** What is served, what lies on disk, what is wrong. */
  report(): readonly CertificateReport[]
  /** Looks at the files now. Answers true when something else is served than before. */
  reload(): boolean
  /** Other files or another policy, after the configuration was read again. */
  configure(files: readonly PairFiles[], policy: TlsPolicy): void
  [Symbol.dispose](): void
}

export type CertificateReport = {
  readonly files: PairFiles
  readonly keyType: CertificatePair['keyType'] | undefined
  readonly names: readonly string[]
  readonly issuer: string | undefined
  /** Milliseconds since 1970, of what is served */
  readonly notAfter: number | undefined
  readonly daysLeft: number | undefined
  /** SHA-256 in hex */
  readonly served: string | undefined
  readonly onDisk: string | undefined
  readonly problems: readonly TlsProblem[]
}

export type CertificateStoreOptions = {
  readonly files: readonly PairFiles[]
  readonly policy: TlsPolicy
  readonly log: Log
  readonly clock?: Clock
  readonly pollMs?: number
}

type Slot = {
  readonly files: PairFiles
  readonly served: CertificatePair | undefined
  readonly onDisk: string | undefined
  readonly problem: TlsProblem | undefined
  readonly stamp: string
  /** The problem was seen before: two looks, so that a pair that is just being written is not reported. */
  readonly reported: boolean
}

export function openCertificateStore(options: CertificateStoreOptions): CertificateStore {
  const { log } = options
  const clock = options.clock ?? systemClock
  let { policy } = options
  let slots = options.files.map(files => tell(log, look(files, undefined, clock.now())))
  const listeners = new Set<() => void>()
  const contexts = new Map<string, SecureContext>()
  let tickets = { key: randomBytes(48), since: clock.monotonic() }

  const context = (serverName: string | undefined, requestCert: boolean): SecureContext => {
    if (clock.monotonic() - tickets.since > ticketKeyLifeMs) {
      tickets = { key: randomBytes(48), since: clock.monotonic() }
      contexts.clear()
    }
    const pairs = choose(slots, serverName)
    const id = `${requestCert} ${pairs.map(pair => pair.fingerprint).join()}`
    let found = contexts.get(id)
    if (!found) {
      if (contexts.size >= maxContexts) contexts.clear()
      found = createSecureContext(contextOptions(pairs, requestCert))
      contexts.set(id, found)
    }
    return found
  }

  const contextOptions = (pairs: readonly CertificatePair[], requestCert: boolean) => ({
    ...policyOptions(policy),
    cert: pairs.map(pair => pair.certPem),
    key: pairs.map(pair => pair.keyPem),
    ticketKeys: tickets.key,
    // A session begun where no certificate is asked for must not be resumed where one is.
    sessionIdContext: requestCert ? 'hikyaku-peer' : 'hikyaku',
  })

  const sameNames = (name: string) => {
    const usual = choose(slots, undefined)
    const named = choose(slots, name)
    return named.length === usual.length && named.every(pair => usual.includes(pair))
  }

  const replace = (next: readonly Slot[]): boolean => {
    const before = slots.map(slot => slot.served?.fingerprint).join()
    slots = [...next]
    if (slots.map(slot => slot.served?.fingerprint).join() === before) return false
    contexts.clear()
    for (const listener of listeners) listener()
    return true
  }

  const reload = () => replace(slots.map(slot => refreshed(slot, log, clock.now())))
  const timer = setInterval(reload, options.pollMs ?? defaultPollMs).unref()

  return {
    get ready() {
      return slots.some(slot => slot.served)
    },
    secureOptions(how) {
      const requestCert = how?.requestCert ?? false
      return {
        // tls.createServer makes a context of its own from these, new TLSSocket takes the ready one.
        ...contextOptions(choose(slots, undefined), requestCert),
        secureContext: context(undefined, requestCert),
        SNICallback: (name, done) => {
          try {
            // For the usual names nothing is swapped: Node takes over one key type only when it swaps.
            if (sameNames(name)) done(null)
            else done(null, context(name, requestCert))
          } catch (error) {
            done(error instanceof Error ? error : new Error(String(error)))
          }
        },
        requestCert,
        // Peers are known by the fingerprint in the configuration, not by who signed it.
        rejectUnauthorized: false,
        handshakeTimeout: handshakeMs,
      }
    },
    onChange(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    report: () => slots.map(slot => reportOf(slot, clock.now())),
    reload,
    configure(files, nextPolicy) {
      policy = nextPolicy
      contexts.clear()
      const kept = (wanted: PairFiles) =>
        slots.find(slot => slot.files.cert === wanted.cert && slot.files.key === wanted.key)
      replace(files.map(wanted => refreshed(kept(wanted) ?? look(wanted, undefined, clock.now()), log, clock.now())))
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** Pairs for this name, at most one of each key type, the longest valid first; for an unknown name those of the first pair's names. */
function choose(slots: readonly Slot[], serverName: string | undefined): readonly CertificatePair[] {
  const served = slots.flatMap(slot => slot.served ?? [])
  const named = serverName === undefined ? [] : served.filter(pair => covers(pair.names, serverName))
  const first = served[0]
  if (!first) throw new Error('No certificate can be served')
  const candidates =
    named.length > 0
      ? named
      : served.filter(pair => pair === first || pair.names.some(name => covers(first.names, name)))
  const byType = new Map<string, CertificatePair>()
  for (const pair of candidates) {
    const rival = byType.get(pair.keyType)
    if (!rival || pair.notAfter > rival.notAfter) byType.set(pair.keyType, pair)
  }
  // The last one counts where Node takes only one: nearly every client can do RSA.
  return [...byType.values()].sort((a, b) => Number(a.keyType === 'rsa') - Number(b.keyType === 'rsa'))
}

/** Reads a pair. One that is not valid now is still served when there is nothing better: mail servers mostly take it. */
function look(files: PairFiles, old: CertificatePair | undefined, now: number): Slot {
  const stamp = stampOf(files)
  const found = readPair(files, now)
  if (isPair(found)) {
    const problem = validity(found, now)
    const use = problem && old && !validity(old, now) ? old : found
    return { files, served: use, onDisk: found.fingerprint, problem, stamp, reported: false }
  }
  return { files, served: old, onDisk: undefined, problem: found, stamp, reported: false }
}

function refreshed(slot: Slot, log: Log, now: number): Slot {
  const stamp = stampOf(slot.files)
  if (stamp === slot.stamp && (slot.problem === undefined || slot.reported)) return slot
  const next = look(slot.files, slot.served, now)
  if (next.problem && stamp !== slot.stamp) return next
  if (next.problem) return tell(log, next)
  if (next.served?.fingerprint !== slot.served?.fingerprint)
    log.info('A new certificate is served', {
      cert: slot.files.cert,
      fingerprint: next.served?.fingerprint,
      names: next.served?.names,
    })
  return next
}

function tell(log: Log, slot: Slot): Slot {
  const fields = { cert: slot.files.cert, key: slot.files.key }
  for (const warning of slot.served?.warnings ?? [])
    log.warn('A certificate is served with a flaw', { ...fields, code: warning.code, reason: warning.text.en })
  if (!slot.problem) return slot
  const sentence = !slot.served
    ? 'A certificate cannot be served'
    : slot.served.fingerprint === slot.onDisk
      ? 'A certificate is served outside its time'
      : 'A certificate was refused; the old one is kept'
  log.error(sentence, { ...fields, code: slot.problem.code, reason: slot.problem.text.en })
  return { ...slot, reported: true }
}

function readPair(files: PairFiles, now: number): CertificatePair | TlsProblem {
  const texts: string[] = []
  for (const file of [files.cert, files.key]) {
    try {
      if (statSync(file).size > maxPemBytes) return unusable(file, 'too large for a PEM file')
      texts.push(readFileSync(file, 'utf8'))
    } catch (error) {
      return unusable(file, error instanceof Error ? error.message : String(error))
    }
  }
  const [certPem = '', keyPem = ''] = texts
  const found = checkPair(files, certPem, keyPem, now)
  if (isPair(found) || (found.code !== 'TLS-EXPIRY' && found.code !== 'TLS-CLOCK')) return found
  return checkPair(files, certPem, keyPem, validMoment(certPem))
}

/** Some moment at which a certificate is valid, to read one that is not valid now. */
function validMoment(certPem: string): number {
  return new X509Certificate(certPem).validFromDate.getTime()
}

function stampOf(files: PairFiles): string {
  return [files.cert, files.key]
    .map(file => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return stat ? `${stat.ino}.${stat.size}.${stat.mtimeMs}` : 'absent'
    })
    .join()
}

function reportOf(slot: Slot, now: number): CertificateReport {
  const { files, served, onDisk } = slot
  const late = served ? validity(served, now) : undefined
  const problems = [slot.problem, late, ...(served?.warnings ?? [])].filter(problem => problem !== undefined)
  return {
    files,
    keyType: served?.keyType,
    names: served?.names ?? [],
    issuer: served?.issuer,
    notAfter: served?.notAfter,
    daysLeft: served ? Math.floor((served.notAfter - now) / dayMs) : undefined,
    served: served?.fingerprint,
    onDisk,
    problems: problems.filter((problem, index) => problems.findIndex(other => other.code === problem.code) === index),
  }
}
