/** Notifications in this browser, as whoever is signed in wants them. */
import { effect, untracked } from '@preact/signals'
import { language } from '../../texts/texts.ts'
import type { NotifyFact, PushFact, ToPage, ToWorker } from '../../worker/told.ts'
import type { Mail } from '../mail.ts'
import { go, parseRoute } from '../route.ts'
import { hidesNews, type Notifying, notifying } from '../settings.ts'
import { followNews } from './news.ts'
import { canPush, type Device, renew, subscribe, unsubscribe } from './push-device.ts'

export type Choices = { readonly open: boolean; readonly closed: boolean }

/** What this browser and this server can do. */
export function choices({ client, away }: Pick<Mail, 'client' | 'away'>): Choices {
  const open = 'Notification' in globalThis && 'serviceWorker' in navigator && away.value !== undefined
  return { open, closed: open && 'PushManager' in globalThis && canPush(client) }
}

export type Chosen = 'done' | 'denied' | 'failed'

/** By a click alone: the browser asks for leave. */
export async function choose(mail: Mail, wanted: Notifying): Promise<Chosen> {
  if (wanted !== 'off' && (await Notification.requestPermission()) !== 'granted') return 'denied'
  const before = notifying.peek()
  try {
    if (wanted === 'closed') {
      await mail.away.peek()?.note('pushState', mail.sync.emailState)
      await subscribe(await deviceOf(mail))
    } else if (before === 'closed') await unsubscribe(await deviceOf(mail))
  } catch {
    return 'failed'
  }
  notifying.value = wanted
  return 'done'
}

async function deviceOf({ client, away }: Pick<Mail, 'client' | 'away'>): Promise<Device> {
  const { pushManager } = await navigator.serviceWorker.ready
  return {
    client,
    manager: pushManager,
    noted: async () => away.peek()?.noted<PushFact>('push'),
    note: async fact => away.peek()?.note('push', fact),
  }
}

/** Until somebody signs out */
export function beginNotifying(mail: Mail): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined
  const tell = (told: ToWorker) =>
    void navigator.serviceWorker.ready.then(
      ({ active }) => active?.postMessage(told),
      () => undefined,
    )
  const wants = () => notifying.peek() !== 'off' && globalThis.Notification?.permission === 'granted'
  const onMessage = ({ data }: MessageEvent<ToPage>) => {
    if (data.kind === 'open') go(parseRoute(new URL(data.url, location.origin).pathname, ''))
  }
  navigator.serviceWorker.addEventListener('message', onMessage)
  const leave = async () => {
    if (notifying.peek() === 'closed') await unsubscribe(await deviceOf(mail))
  }
  mail.beforeLeaving.add(leave)
  const ends = [
    followNews(mail, { wants, tell }),
    keepFacts(mail),
    keepBadge(mail),
    () => navigator.serviceWorker.removeEventListener('message', onMessage),
    () => void closeAll().catch(() => undefined),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/** The worker reads them when no page is there. */
function keepFacts(mail: Mail): () => void {
  return effect(() => {
    const fact: NotifyFact = { hides: hidesNews.value === 'yes', language: language.value }
    const away = mail.away.value
    if (!away) return
    away.note('notify', fact).catch(() => undefined)
    untracked(() => {
      if (notifying.peek() === 'closed' && mail.isLinked.peek())
        void deviceOf(mail)
          .then(renew)
          .catch(() => undefined)
    })
  })
}

/** On the icon of the installed app */
function keepBadge({ mailboxes }: Pick<Mail, 'mailboxes'>): () => void {
  const device = navigator as Navigator & { setAppBadge?(count: number): Promise<void> }
  const stop = effect(() => {
    const unread = mailboxes.role('inbox')?.unreadThreads ?? 0
    device.setAppBadge?.(unread).catch(() => undefined)
  })
  return () => {
    stop()
    device.setAppBadge?.(0).catch(() => undefined)
  }
}

/** Nothing of a person stays on the screen who has signed out. */
async function closeAll(): Promise<void> {
  const registration = await navigator.serviceWorker.ready
  for (const one of await registration.getNotifications()) one.close()
}
