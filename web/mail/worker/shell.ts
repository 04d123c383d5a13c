/**
 * The program itself, kept whole by version, so that the page opens without a network. The page is asked of the server first; where nobody answers, the
 * kept one stands in, with its own files. Those have their hash in their name: whichever version asks gets its own, never another's. What the version
 * before had stays as long as its pages may be open; JMAP's answers are none of our business here.
 */

/** Put in by the build: paths, and what stands at `/index.html` */
declare const __SHELL_FILES__: readonly string[]
declare const __SHELL_VERSION__: string
declare const __PAGE_SHA256__: string

const prefix = 'hikyaku-shell-'
const current = prefix + __SHELL_VERSION__
const page = '/index.html'
/** Longer than a page takes over a poor network, shorter than patience */
const pageMs = 4_000

/** All or nothing: what fails is tried again when the browser looks for news of the worker. */
export async function install(): Promise<void> {
  const cache = await caches.open(current)
  try {
    const response = await fetch('/', { cache: 'no-store', credentials: 'omit' })
    if (!(await isOurPage(response.clone()))) throw new Error('The server has another version by now')
    await cache.put(page, response)
    await cache.addAll(__SHELL_FILES__.filter(path => path !== page))
  } catch (error) {
    await caches.delete(current)
    throw error
  }
}

async function isOurPage(response: Response): Promise<boolean> {
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer())
  const hex = Array.from(new Uint8Array(digest), octet => octet.toString(16).padStart(2, '0')).join('')
  return response.ok && hex === __PAGE_SHA256__
}

/** Ours and the one before: caches are named in the order in which they were made. */
export async function dropOld(): Promise<void> {
  const others = (await caches.keys()).filter(name => name.startsWith(prefix) && name !== current)
  await Promise.all(others.slice(0, -1).map(name => caches.delete(name)))
}

/** Undefined: the browser asks as if there were no worker. */
export function answer(request: Request): Promise<Response> | undefined {
  if (request.method !== 'GET') return undefined
  const { origin, pathname } = new URL(request.url)
  if (origin !== location.origin) return undefined
  if (request.mode === 'navigate') return isPage(pathname) ? openPage(request) : undefined
  if (pathname.startsWith('/assets/')) return kept(pathname, request)
  return __SHELL_FILES__.includes(pathname) ? freshOrKept(pathname, request) : undefined
}

/** As webmail-site.ts has it */
function isPage(path: string): boolean {
  return path === '/' || /^\/(?:mail|contacts)(?:\/|$)/.test(path)
}

/** A proxy that cannot reach the server answers in its place. */
async function openPage(request: Request): Promise<Response> {
  const patience = new Promise<undefined>(resolve => setTimeout(resolve, pageMs, undefined))
  const answered = await Promise.race([fetch(request).catch(() => undefined), patience])
  if (answered && ![502, 503, 504].includes(answered.status)) return answered
  return (await (await caches.open(current)).match(page)) ?? answered ?? fetch(request)
}

async function kept(path: string, request: Request): Promise<Response> {
  return (await caches.match(path)) ?? fetch(request)
}

async function freshOrKept(path: string, request: Request): Promise<Response> {
  const answered = await fetch(request).catch(() => undefined)
  if (answered?.ok) return answered
  return (await (await caches.open(current)).match(path)) ?? answered ?? Response.error()
}
