/**
 * Fingerprints of entries whose sender may not have seen our 250, those that were delivered meanwhile included. An attempt counts
 * as gone when its peer vanished, or when a restart lies between; only then may a sender's retry become this entry's attempt.
 * Confirmed ones are never merged. An entry has one fingerprint, or one for each recipient: a retry may be grouped otherwise.
 */
import { concatBytes } from '#base/bytes.ts'
import type { DeliveryId } from '../ids.ts'
import { maxUnconfirmedFinished, unconfirmedKeptMs } from './limits.ts'

type Kept = {
  readonly id: DeliveryId
  readonly number: number
  readonly receivedAt: number
  fingerprints: readonly string[]
  gone: boolean
  superseded: boolean
}

export type Confirmed = {
  readonly id: DeliveryId
  readonly number: number
  /** What is still unconfirmed of it */
  readonly left: Uint8Array
  /** Nothing is */
  readonly confirmed: boolean
}

const fingerprintBytes = 32

export class Unconfirmed {
  readonly #byId = new Map<string, Kept>()
  /** Mostly one has a fingerprint for itself; a set for each would cost more than all the rest */
  readonly #gone = new Map<string, Kept | Set<Kept>>()
  readonly #finished = new Set<string>()

  /** `fingerprints`: 32 octets each, one after the other. `gone`: made by an earlier start of this box. An empty one is never found again. */
  add(id: DeliveryId, number: number, fingerprints: Uint8Array, receivedAt: number, gone: boolean): void {
    this.#byId.set(id, { id, number, receivedAt, fingerprints: split(fingerprints), gone: false, superseded: false })
    if (gone) this.gone(id)
  }

  /** Oldest first. */
  find(fingerprint: Uint8Array, now: number): readonly DeliveryId[] {
    const kept = this.#gone.get(keyOf(fingerprint)) ?? []
    const found = Symbol.iterator in kept ? [...kept] : [kept]
    return found.filter(({ receivedAt }) => now - receivedAt <= unconfirmedKeptMs).map(({ id }) => id)
  }

  has(id: string): boolean {
    return this.#byId.has(id)
  }

  gone(id: DeliveryId): void {
    const kept = this.#byId.get(id)
    if (!kept || kept.gone) return
    kept.gone = true
    this.#link(kept)
  }

  #link(kept: Kept): void {
    for (const fingerprint of kept.fingerprints) {
      const others = this.#gone.get(fingerprint)
      if (others === undefined) this.#gone.set(fingerprint, kept)
      else if (others instanceof Set) others.add(kept)
      else if (others !== kept) this.#gone.set(fingerprint, new Set([others, kept]))
    }
  }

  /** Its sender has the 250, for these or for all. Undefined when nothing was unconfirmed. */
  confirm(id: DeliveryId, fingerprints?: readonly Uint8Array[]): Confirmed | undefined {
    const kept = this.#byId.get(id)
    if (!kept) return undefined
    const left = this.#take(kept, fingerprints)
    const confirmed = kept.fingerprints.length === 0 && !kept.superseded
    if (confirmed) this.forget(id)
    return { id, number: kept.number, left, confirmed }
  }

  /** A later message has taken its place for these: no retry is to find it any more, but nothing is confirmed of it. */
  supersede(id: DeliveryId, fingerprints: readonly Uint8Array[]): Confirmed | undefined {
    const kept = this.#byId.get(id)
    if (!kept) return undefined
    kept.superseded = true
    return { id, number: kept.number, left: this.#take(kept, fingerprints), confirmed: false }
  }

  #take(kept: Kept, fingerprints: readonly Uint8Array[] | undefined): Uint8Array {
    const taken = fingerprints && new Set(fingerprints.map(keyOf))
    const left = taken ? kept.fingerprints.filter(fingerprint => !taken.has(fingerprint)) : []
    this.#unlink(kept)
    kept.fingerprints = left
    if (kept.gone) this.#link(kept)
    return concatBytes(left.map(text => Buffer.from(text, 'latin1')))
  }

  /** It has been delivered; its sender may come again all the same. */
  finished(id: string): void {
    if (this.#byId.has(id)) this.#finished.add(id)
    for (const oldest of this.#finished) {
      if (this.#finished.size <= maxUnconfirmedFinished) break
      this.forget(oldest)
    }
  }

  forget(id: string): void {
    const kept = this.#byId.get(id)
    this.#byId.delete(id)
    this.#finished.delete(id)
    if (kept) this.#unlink(kept)
  }

  /** Nobody comes again so late. */
  sweep(now: number): void {
    for (const id of this.#finished)
      if (now - (this.#byId.get(id)?.receivedAt ?? 0) > unconfirmedKeptMs) this.forget(id)
  }

  #unlink(kept: Kept): void {
    for (const fingerprint of kept.fingerprints) {
      const others = this.#gone.get(fingerprint)
      if (others instanceof Set) others.delete(kept)
      if (others === kept || (others instanceof Set && others.size === 0)) this.#gone.delete(fingerprint)
    }
  }
}

function keyOf(fingerprint: Uint8Array): string {
  return Buffer.from(fingerprint.buffer, fingerprint.byteOffset, fingerprint.length).toString('latin1')
}

function split(fingerprints: Uint8Array): readonly string[] {
  const parts: string[] = []
  for (let at = 0; at < fingerprints.length; at += fingerprintBytes)
    parts.push(keyOf(fingerprints.subarray(at, at + fingerprintBytes)))
  return parts
}
