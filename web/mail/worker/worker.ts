/** The service worker: the program without a network, and news while no page is open. Built by itself to /worker.js. */
import { hear, open } from './notifications.ts'
import { pushed, subscriptionChanged } from './push.ts'
import { scope } from './scope.ts'
import { answer, dropOld, install } from './shell.ts'
import type { ToWorker } from './told.ts'

scope.addEventListener('install', event => event.waitUntil(install().then(() => scope.skipWaiting())))
scope.addEventListener('activate', event => event.waitUntil(dropOld().then(() => scope.clients.claim())))
scope.addEventListener('fetch', event => {
  const response = answer(event.request)
  if (response) event.respondWith(response)
})

scope.addEventListener('message', event => event.waitUntil(hear(event.data as ToWorker)))
scope.addEventListener('notificationclick', event => event.waitUntil(open(event.notification)))
scope.addEventListener('pushsubscriptionchange', event => event.waitUntil(subscriptionChanged(event)))
scope.addEventListener('push', event => event.waitUntil(pushed(jsonOf(event))))

function jsonOf({ data }: { readonly data: { json(): unknown } | null }): Parameters<typeof pushed>[0] {
  try {
    return data?.json() as Parameters<typeof pushed>[0]
  } catch {
    return undefined
  }
}
