/** Tabs of one browser: one of them at a time, and all told. */
import type { Ending, Tabs } from './journal.ts'

type Told = { readonly key: string; readonly ending: Ending }

export function tabsOf(accountId: string): Tabs {
  const name = `hikyaku-journal-${accountId}`
  const channel = new BroadcastChannel(name)
  return {
    async alone<Value>(act: () => Promise<Value>, waits: boolean): Promise<Value | undefined> {
      // without a secure context there are no locks, and no worker by which a page could outlive its network
      if (!navigator.locks) return act()
      if (waits) return (await navigator.locks.request(name, act)) as Value
      const options = { ifAvailable: true } as const
      return (await navigator.locks.request(name, options, lock => (lock ? act() : undefined))) as Value | undefined
    },
    tell: (key, ending) => channel.postMessage({ key, ending } satisfies Told),
    hear: listener =>
      channel.addEventListener('message', ({ data }: MessageEvent<Told>) => listener(data.key, data.ending)),
    close: () => channel.close(),
  }
}
