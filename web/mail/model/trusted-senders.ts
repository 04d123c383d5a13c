/** Whose images are shown without asking. It stays in this browser. */
import { type Signal, signal } from '@preact/signals'

const key = 'hikyaku.trustedSenders'
/** The oldest are forgotten. */
const maxKept = 1_000

const trusted: Signal<ReadonlySet<string>> = signal(new Set(read()))

/** Reactive */
export function isTrusted(address: string | undefined): boolean {
  return address !== undefined && trusted.value.has(address.toLowerCase())
}

export function trust(address: string): void {
  const next = [...trusted.peek(), address.toLowerCase()].slice(-maxKept)
  trusted.value = new Set(next)
  try {
    localStorage.setItem(key, JSON.stringify(next))
  } catch {
    return
  }
}

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter(one => typeof one === 'string') : []
  } catch {
    return []
  }
}
