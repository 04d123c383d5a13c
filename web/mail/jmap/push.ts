/**
 * News of the account (RFC 8620 §7.3) for as long as the page lives. Whatever ends the stream, it is opened again, later each time; a silence
 * longer than two pings counts as an end, since a laptop that slept is told nothing by its network.
 */
import type { StateChange } from '#protocols/jmap/wire.ts'
import type { Client } from './client.ts'
import { EventParser } from './event-stream.ts'
import { Fault } from './fault.ts'

export type PushOptions = {
  readonly types: readonly string[]
  readonly onChange: (states: Readonly<Record<string, string>>) => void
  /** Whether the server is there, as far as this tells */
  readonly onLink: (isUp: boolean) => void
  readonly onSignedOut: () => void
}

const pingSeconds = 30
const silenceMs = 2 * pingSeconds * 1000 + 5_000
const maxWaitMs = 60_000

/** Ends with the signal. */
export async function follow(client: Client, options: PushOptions, signal: AbortSignal): Promise<void> {
  let failed = 0
  let lastId: string | undefined
  while (!signal.aborted) {
    try {
      for await (const event of events(client, options, lastId, signal)) {
        if (failed > 0 || lastId === undefined) options.onLink(true)
        failed = 0
        lastId = event.id ?? lastId ?? ''
        if (event.name === 'state') options.onChange(changeFor(client, event.data))
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Fault && error.kind === 'signed-out') return options.onSignedOut()
    }
    failed++
    // one end is nothing yet: proxies cut long streams
    if (failed > 1) options.onLink(false)
    await pause(Math.min(maxWaitMs, 500 * 2 ** failed) * (0.75 + Math.random() / 2), signal)
  }
}

type Opened = { readonly name: string; readonly data: string; readonly id: string | undefined }

async function* events(
  client: Client,
  { types }: PushOptions,
  lastId: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Opened> {
  const silence = new AbortController()
  // a network that is gone tells streams nothing
  const cut = () => silence.abort()
  globalThis.addEventListener?.('offline', cut)
  let timer = setTimeout(() => silence.abort(), silenceMs)
  try {
    const response = await fetch(client.eventSourceUrl(types, pingSeconds), {
      headers: { accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) },
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    })
    if (response.status === 401) throw new Fault('signed-out')
    if (!response.ok || !response.body) throw new Fault('unreachable')
    yield { name: 'open', data: '', id: undefined }
    const parser = new EventParser()
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), silenceMs)
      yield* parser.take(value)
    }
  } finally {
    clearTimeout(timer)
    globalThis.removeEventListener?.('offline', cut)
    silence.abort()
  }
}

function changeFor({ accountId }: Client, data: string): Readonly<Record<string, string>> {
  return (JSON.parse(data) as StateChange).changed[accountId] ?? {}
}

/** Until the time is over, the network is back, or the page is looked at again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const over = new AbortController()
    const end = () => {
      clearTimeout(timer)
      over.abort()
      resolve()
    }
    const timer = setTimeout(end, ms)
    const options = { signal: over.signal, once: true }
    signal.addEventListener('abort', end, options)
    globalThis.addEventListener?.('online', end, options)
    globalThis.document?.addEventListener('visibilitychange', end, options)
  })
}
