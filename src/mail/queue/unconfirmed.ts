/**
 * Fingerprints of entries whose sender may not have seen our 250. An attempt counts as gone when its peer vanished, or when a
 * restart lies between; only then may a sender's retry become this entry's attempt. Confirmed ones are never merged.
 */
import type { DeliveryId } from '../ids.ts'
import { unconfirmedKeptMs } from './limits.ts'

type Kept = { readonly fingerprint: string; readonly receivedAt: number; readonly number: number; gone: boolean }

export class Unconfirmed {
  readonly #byId = new Map<string, Kept>()
  readonly #goneByFingerprint = new Map<string, DeliveryId>()

  /** `gone`: made by an earlier start of this box. An empty fingerprint is never found again. */
  add(id: DeliveryId, number: number, fingerprint: Uint8Array, receivedAt: number, gone: boolean): void {
    if (fingerprint.length === 0) return
    const kept = { fingerprint: Buffer.from(fingerprint).toString('base64'), receivedAt, number, gone: false }
    this.#byId.set(id, kept)
    if (gone) this.gone(id)
  }

  find(fingerprint: Uint8Array, now: number): DeliveryId | undefined {
    const id = this.#goneByFingerprint.get(Buffer.from(fingerprint).toString('base64'))
    const kept = id === undefined ? undefined : this.#byId.get(id)
    return kept && now - kept.receivedAt <= unconfirmedKeptMs ? id : undefined
  }

  has(id: string): boolean {
    return this.#byId.has(id)
  }

  gone(id: DeliveryId): void {
    const kept = this.#byId.get(id)
    if (!kept || kept.gone) return
    kept.gone = true
    this.#goneByFingerprint.set(kept.fingerprint, id)
  }

  /** The entry's number in the store when it was unconfirmed until now. */
  confirm(id: DeliveryId): number | undefined {
    const number = this.#byId.get(id)?.number
    this.forget(id)
    return number
  }

  forget(id: string): void {
    const kept = this.#byId.get(id)
    if (!kept) return
    this.#byId.delete(id)
    if (this.#goneByFingerprint.get(kept.fingerprint) === id) this.#goneByFingerprint.delete(kept.fingerprint)
  }
}
