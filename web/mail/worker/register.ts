/** Begins the service worker, where the browser has one: behind the first view, which does not need it. */

type Policy = { createScriptURL(url: string): string }
type Factory = { createPolicy(name: string, rules: Policy): Policy }

const path = '/worker.js'

const rules: Policy = {
  createScriptURL(url) {
    if (url !== path) throw new TypeError('There is one worker')
    return url
  },
}

export async function registerWorker(): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator)) return undefined
  const { trustedTypes } = globalThis as { readonly trustedTypes?: Factory }
  const policy = trustedTypes?.createPolicy('hikyaku-worker', rules) ?? rules
  return navigator.serviceWorker.register(policy.createScriptURL(path), { updateViaCache: 'none' })
}
