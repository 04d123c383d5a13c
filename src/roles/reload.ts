/** A configuration that was read again takes effect: what is marked `reload` at once, the rest is named and waits for a restart. */
import { diffConfig } from '#config/diff.ts'
import type { Config } from '#config/schema.ts'
import { takeOverCertificates } from './admin-certificates.ts'
import type { RunningRoles } from './start.ts'

export type Reloaded = {
  /** Keys that are in effect now and were not before */
  readonly applied: readonly string[]
  /** Keys that differ from what the process was started with */
  readonly waitingForRestart: readonly string[]
}

/**
 * Connections stay as they are; they see new limits from their next session, message or letter on. Rejects when a file that
 * the configuration names cannot be read: then nothing has changed.
 */
export async function reload({ around, home }: RunningRoles, next: Config): Promise<Reloaded> {
  const { config, live } = around
  const applied = diffConfig(live.current, next).flatMap(({ key, needs }) => (needs === 'reload' ? [key] : []))
  const reroute = await home?.reroute.prepare(next)
  const takeScripts = await home?.sieve.prepare(next)
  live.current = next
  live.setLogLevel(next.log.level)
  if (applied.some(key => key.startsWith('tls.'))) takeOverCertificates(around, next)
  takeScripts?.()
  await reroute?.()
  const waitingForRestart = diffConfig(config, next).flatMap(({ key, needs }) => (needs === 'restart' ? [key] : []))
  return { applied, waitingForRestart }
}
