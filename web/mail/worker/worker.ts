/** The service worker: the program without a network, and news while no page is open. Built by itself to /worker.js. */
import { scope } from './scope.ts'
import { answer, dropOld, install } from './shell.ts'

scope.addEventListener('install', event => event.waitUntil(install().then(() => scope.skipWaiting())))
scope.addEventListener('activate', event => event.waitUntil(dropOld().then(() => scope.clients.claim())))
scope.addEventListener('fetch', event => {
  const response = answer(event.request)
  if (response) event.respondWith(response)
})
