/** Notifications, one change after the other: pages and pushes may tell of the same letter. */
import type { Id } from '#protocols/jmap/wire.ts'
import { openShelf } from '../model/offline/indexed-shelf.ts'
import { planned, type Shown } from './plan.ts'
import { scope } from './scope.ts'
import type { About, NewLetter, NotifyFact, ToldFact, ToPage, ToWorker } from './told.ts'
import { notifyWords } from './words.ts'

const maxTold = 200

let turn: Promise<unknown> = Promise.resolve()

/** Resolves when it is shown. */
export function hear(told: ToWorker): Promise<void> {
  const mine = turn.then(() => (told.kind === 'new' ? tell(told.letters) : close(told.ids)))
  turn = mine.catch(() => undefined)
  return mine
}

/** Nobody is told of a letter who looks at us, nor twice. */
async function tell(letters: readonly NewLetter[]): Promise<void> {
  const windows = await scope.clients.matchAll({ type: 'window' })
  const told = new Set(await toldBefore())
  const added = letters.filter(({ id }) => !told.has(id))
  await remember([...told, ...added.map(({ id }) => id)])
  if (added.length > 0 && !windows.some(({ focused }) => focused)) await change({ added })
}

async function close(gone: readonly Id[]): Promise<void> {
  await change({ gone })
}

async function change(what: { readonly added?: readonly NewLetter[]; readonly gone?: readonly Id[] }): Promise<void> {
  const standing = await scope.registration.getNotifications()
  const before = standing.map(({ tag, data }) => ({ tag, about: data as About | undefined }))
  const plan = planned(before, what, await howToNotify())
  for (const one of standing) if (plan.close.includes(one.tag)) one.close()
  // what only gets less makes no sound
  for (const one of plan.show) await show(one, what.added === undefined)
}

async function show({ tag, title, body, about }: Shown, silent: boolean): Promise<void> {
  const look = { tag, body, data: about, silent, icon: '/icons/192.png', badge: '/icons/badge.png' }
  await scope.registration.showNotification(title, look)
}

/** Something has come; what it is cannot be said. */
export async function showUnknown(): Promise<void> {
  const { newMail } = notifyWords[(await howToNotify()).language]
  const about: About = { letters: [], url: '/mail/inbox' }
  await show({ tag: 'unknown', title: newMail, body: '', about }, false)
}

export async function showReady(): Promise<void> {
  const { ready, readyBody } = notifyWords[(await howToNotify()).language]
  await show({ tag: 'ready', title: ready, body: readyBody, about: { letters: [], url: '/mail/inbox' } }, true)
}

/** Browsers want each push to show something; where there is nothing to say it is gone before anybody sees it. */
export async function showNothing(): Promise<void> {
  await show({ tag: 'nothing', title: 'Hikyaku', body: '', about: { letters: [], url: '/mail/inbox' } }, true)
  for (const one of await scope.registration.getNotifications({ tag: 'nothing' })) one.close()
}

/** The page that is there comes to the front with it; otherwise one is opened. */
export async function open(notification: Notification): Promise<void> {
  notification.close()
  const { url = '/mail/inbox' } = (notification.data ?? {}) as Partial<About>
  const [first] = await scope.clients.matchAll({ type: 'window' })
  if (!first) return void (await scope.clients.openWindow(url))
  await first.focus()
  first.postMessage({ kind: 'open', url } satisfies ToPage)
}

async function howToNotify(): Promise<NotifyFact> {
  return (
    (await fact<NotifyFact>('notify')) ?? { hides: true, language: navigator.language.startsWith('ja') ? 'ja' : 'en' }
  )
}

async function toldBefore(): Promise<ToldFact> {
  return (await fact<ToldFact>('toldIds')) ?? []
}

async function remember(ids: readonly Id[]): Promise<void> {
  const opened = await openShelf()
  await opened?.shelf.change([{ in: 'facts', key: 'toldIds', value: ids.slice(-maxTold) }]).catch(() => undefined)
  opened?.shelf.close()
}

async function fact<Value>(key: string): Promise<Value | undefined> {
  const opened = await openShelf()
  const found = await opened?.shelf.get<Value>('facts', key).catch(() => undefined)
  opened?.shelf.close()
  return found
}
