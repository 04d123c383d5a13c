/**
 * Sender rewriting: a forwarded letter leaves with a reverse-path of our own domain, so that SPF holds where it arrives, and what comes back
 * to that finds its way. The de facto scheme of "The Sender Rewriting Scheme" (Mengual, 2004): SRS0 at the first forwarder, SRS1 after others.
 * The hash keeps strangers from sending through us to whomever they like; the time ends it after three weeks.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { parseAddress, printAddress } from '#formats/address/address.ts'

export type Srs = {
  /** The reverse-path as it leaves from `domain`. The null path and what is no address stay as they are. */
  forward(reversePath: string, domain: string, nowMs: number): string
  /** Where mail to a rewritten address goes; 'not-srs' for every other address, 'bad' for one that is not ours or too old. */
  back(address: string, nowMs: number): SrsTarget
}

export type SrsTarget = { readonly kind: 'good'; readonly address: string } | { readonly kind: 'not-srs' | 'bad' }

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'
const dayMs = 24 * 3600 * 1000
/** Days are counted modulo 1024 */
const days = 1024
/** A bounce comes within days; queues give up after five, ours after thirty at most */
const maxAgeDays = 35
/** Of five bits each: a guess in 2⁴⁰ */
const hashCharacters = 8

export function createSrs(key: Uint8Array): Srs {
  // Case is not kept on the way: all of it is compared in lower case
  const hashOf = (...parts: readonly string[]) => {
    const digest = createHmac('sha256', key).update(parts.join('\0').toLowerCase()).digest()
    return Array.from(digest.subarray(0, hashCharacters), byte => base32[byte & 31]).join('')
  }
  const holds = (hash: string, ...parts: readonly string[]) => {
    const given = Buffer.from(hash.toLowerCase())
    return given.length === hashCharacters && timingSafeEqual(given, Buffer.from(hashOf(...parts)))
  }

  return {
    forward(reversePath, domain, nowMs) {
      const sender = reversePath === '' ? undefined : parseAddress(reversePath)
      if (!sender) return reversePath
      const rewritten = readSrs(sender.localpart)
      if (rewritten?.kind === 'srs1') {
        const { forwarder, rest } = rewritten
        return printAddress({ localpart: `SRS1=${hashOf(forwarder, rest)}=${forwarder}=${rest}`, domain })
      }
      if (rewritten) {
        const rest = sender.localpart.slice('SRS0'.length)
        return printAddress({ localpart: `SRS1=${hashOf(sender.domain, rest)}=${sender.domain}=${rest}`, domain })
      }
      const time = printDay(nowMs)
      const { domain: from, localpart } = sender
      return printAddress({ localpart: `SRS0=${hashOf(time, from, localpart)}=${time}=${from}=${localpart}`, domain })
    },

    back(address, nowMs) {
      const parsed = parseAddress(address)
      const rewritten = parsed && readSrs(parsed.localpart)
      if (!rewritten) return { kind: 'not-srs' }
      if (rewritten.kind === 'srs1') {
        const { forwarder, hash, rest } = rewritten
        if (!holds(hash, forwarder, rest)) return { kind: 'bad' }
        return { kind: 'good', address: printAddress({ localpart: `SRS0${rest}`, domain: forwarder }) }
      }
      const { hash, time, domain, localpart } = rewritten
      if (!holds(hash, time, domain, localpart) || !isRecent(time, nowMs)) return { kind: 'bad' }
      return { kind: 'good', address: printAddress({ localpart, domain }) }
    },
  }
}

/** Has the form of a rewritten address, whoever made it. */
export function isRewritten(address: string): boolean {
  return /^srs[01][=+-]/i.test(address)
}

type Rewritten =
  | { kind: 'srs0'; hash: string; time: string; domain: string; localpart: string }
  | { kind: 'srs1'; hash: string; forwarder: string; rest: string }

/** The separator after the first word may be `=`, `+` or `-`. */
function readSrs(localpart: string): Rewritten | undefined {
  const [, hash, time, domain, local] = /^srs0[=+-]([^=]+)=([a-z2-7]{2})=([^=]+)=(.*)$/is.exec(localpart) ?? []
  if (hash !== undefined && time !== undefined && domain !== undefined && local !== undefined)
    return { kind: 'srs0', hash, time, domain, localpart: local }
  // what follows the forwarder's name is its own local part after `SRS0`, separator included
  const [, own, forwarder, rest] = /^srs1[=+-]([^=]+)=([^=]+)=([=+-].+)$/is.exec(localpart) ?? []
  if (own !== undefined && forwarder !== undefined && rest !== undefined)
    return { kind: 'srs1', hash: own, forwarder, rest }
  // someone else's of another shape: still rewritten, never rewritten back
  return /^srs0[=+-]/i.test(localpart) ? { kind: 'srs0', hash: '', time: '', domain: '', localpart: '' } : undefined
}

function printDay(nowMs: number): string {
  const day = Math.floor(nowMs / dayMs) % days
  return `${base32[day >> 5]}${base32[day & 31]}`
}

function isRecent(time: string, nowMs: number): boolean {
  const [high = '', low = ''] = time.toLowerCase()
  const day = base32.indexOf(high) * 32 + base32.indexOf(low)
  const age = ((Math.floor(nowMs / dayMs) % days) - day + days) % days
  return age <= maxAgeDays
}
