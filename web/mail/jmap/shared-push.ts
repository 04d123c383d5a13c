/**
 * One event stream for all tabs of a browser: with HTTP/1.1 it has six connections to us, and a seventh tab would wait for ever. The tab that has the
 * lock follows and tells the others; when it closes, another one gets it.
 */
import type { Client } from './client.ts'
import { follow, type PushOptions } from './push.ts'

type Told =
  | { readonly kind: 'states'; readonly states: Readonly<Record<string, string>> }
  | { readonly kind: 'link'; readonly isUp: boolean }

/** Ends with the signal. */
export async function followTogether(client: Client, options: PushOptions, signal: AbortSignal): Promise<void> {
  // without a secure context there are no locks: each tab follows by itself
  if (!globalThis.navigator?.locks) return follow(client, options, signal)
  const name = `hikyaku-push-${client.accountId}`
  const channel = new BroadcastChannel(name)
  channel.addEventListener('message', ({ data }: MessageEvent<Told>) => hear(data, options))
  signal.addEventListener('abort', () => channel.close(), { once: true })
  const tell = (told: Told) => {
    if (!signal.aborted) channel.postMessage(told)
    hear(told, options)
  }
  const leading: PushOptions = {
    ...options,
    onChange: states => tell({ kind: 'states', states }),
    onLink: isUp => tell({ kind: 'link', isUp }),
  }
  try {
    await navigator.locks.request(name, { signal }, () => follow(client, leading, signal))
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function hear(told: Told, { onChange, onLink }: PushOptions): void {
  if (told.kind === 'states') onChange(told.states)
  else onLink(told.isUp)
}
