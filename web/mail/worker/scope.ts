/** What a service worker's global scope offers, as far as ours goes: the page's own types are those of windows. Service Workers §4, Push API §9 */

type Extendable = Event & { waitUntil(work: Promise<unknown>): void }
export type FetchEvent = Extendable & {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
export type PushEvent = Extendable & { readonly data: { json(): unknown } | null }
export type MessageEventOfPage = Extendable & { readonly data: unknown }
export type NotificationEvent = Extendable & { readonly notification: Notification }
export type SubscriptionEvent = Extendable & {
  readonly oldSubscription: PushSubscription | null
  readonly newSubscription: PushSubscription | null
}

export type WindowOfOurs = {
  readonly url: string
  readonly focused: boolean
  readonly visibilityState: 'visible' | 'hidden'
  focus(): Promise<unknown>
  postMessage(message: unknown): void
}

type Events = {
  readonly install: Extendable
  readonly activate: Extendable
  readonly fetch: FetchEvent
  readonly push: PushEvent
  readonly message: MessageEventOfPage
  readonly notificationclick: NotificationEvent
  readonly pushsubscriptionchange: SubscriptionEvent
}

type WorkerScope = {
  readonly registration: ServiceWorkerRegistration
  readonly clients: {
    claim(): Promise<void>
    matchAll(options: { type: 'window'; includeUncontrolled?: boolean }): Promise<readonly WindowOfOurs[]>
    openWindow(url: string): Promise<unknown>
  }
  skipWaiting(): Promise<void>
  addEventListener<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void
}

const self = globalThis as unknown as WorkerScope & {
  readonly navigator: { setAppBadge?(count: number): Promise<void> }
}

export const scope = Object.assign(self, {
  /** On the installed app's icon; undefined where there is no such thing */
  badge: self.navigator.setAppBadge && ((count: number) => self.navigator.setAppBadge?.(count).catch(() => undefined)),
})
