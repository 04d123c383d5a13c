/**
 * Descriptors: each connection takes one, and so does everything that a letter needs on its way to the disk. Accepting until
 * none is left would stop deliveries, so connections get what the system allows less what we keep for ourselves.
 */
import { readFileSync } from 'node:fs'

/** Databases with their logs in several threads, message files, sockets that we open ourselves: a busy home has about a hundred. */
const keptForOurselves = 160

/** Connections that all listeners of this process together may hold, given the system's limit on open files. */
export function connectionBudget(openFilesLimit: number): number {
  return Math.max(Math.floor(openFilesLimit / 4), openFilesLimit - keptForOurselves)
}

/** The limit in /proc/self/limits (proc(5)); Infinity where there is none or the system does not say. */
export function openFilesLimit(limits: string): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? Infinity : Number(soft)
}

function ownLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}

/** All listeners of this process count here. */
export const openConnections = { count: 0, budget: connectionBudget(openFilesLimit(ownLimits())) }
