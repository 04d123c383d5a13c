/** Who is signed in, from the first moment on. */
import { type Signal, signal } from '@preact/signals'
import { Fault } from '../jmap/fault.ts'
import {
  type OtherPerson,
  otherPersonOf,
  type Proof,
  type SignedIn,
  signIn,
  signOut,
  whoIsSignedIn,
} from '../jmap/sign-in.ts'
import { t } from '../texts/texts.ts'
import { type Mail, openMail, type Opening } from './mail.ts'

export type App =
  /** It is being asked */
  | { readonly kind: 'asking' }
  /** `ended`: there was a session a moment ago */
  | { readonly kind: 'signed-out'; readonly ended: boolean }
  | { readonly kind: 'signed-in'; readonly mail: Mail }
  /** A link would put out who is signed in */
  | { readonly kind: 'other-person'; readonly about: OtherPerson }
  /** Nobody answers */
  | { readonly kind: 'unreachable' }

export const app: Signal<App> = signal({ kind: 'asking' })

/** Whoever has mail here is not kept waiting for longer than this. */
const patienceMs = 6_000
/** Signed out where the server could not be told: it is told before anything else. */
const leavingKey = 'hikyaku.leaving'

/** `ticket`: from a link that opens signed in */
export async function begin(ticket: string | undefined): Promise<void> {
  app.value = { kind: 'asking' }
  try {
    if (read(leavingKey) !== null) await endSession()
    const asked = ticket === undefined ? whoIsSignedIn() : signIn({ ticket }).catch(unlessOther)
    asked.catch(() => undefined)
    const user = await Promise.race([asked, impatience()])
    if (user ? await tryOpen(user) : await openKept()) return
    await open(await asked)
  } catch (error) {
    const about = otherPersonOf(error)
    if (about) return void (app.value = { kind: 'other-person', about })
    if (isSignedOut(error)) return await ended(false)
    if (read(leavingKey) !== null || !(await openKept().catch(() => false))) app.value = { kind: 'unreachable' }
  }
}

/** A ticket that is used up, or was never one, changes nothing. */
function unlessOther(error: unknown): Promise<SignedIn> {
  if (otherPersonOf(error)) throw error
  return whoIsSignedIn()
}

function impatience(): Promise<undefined> {
  return new Promise(resolve => setTimeout(resolve, navigator.onLine ? patienceMs : 500))
}

async function tryOpen(user: SignedIn): Promise<true> {
  await open(user)
  return true
}

/** Throws a Fault that says why not. */
export async function enter(proof: Proof): Promise<void> {
  await open(await signIn(proof))
}

export async function leave(): Promise<void> {
  const now = app.peek()
  if (now.kind === 'signed-in') await Promise.allSettled([...now.mail.beforeLeaving].map(act => act()))
  close()
  await forget({ keepsWaiting: false })
  write(leavingKey, '1')
  await endSession().catch(() => undefined)
  app.value = { kind: 'signed-out', ended: false }
}

async function endSession(): Promise<void> {
  try {
    await signOut()
  } catch (error) {
    if (!isSignedOut(error)) throw error
  }
  write(leavingKey, null)
}

async function open(user: SignedIn): Promise<void> {
  app.value = { kind: 'signed-in', mail: await openMail(user, opening) }
}

/** False: nobody's mail is kept in this browser. */
async function openKept(): Promise<boolean> {
  const { keptSession } = await import('./offline/offline.ts')
  const found = await keptSession()
  if (!found) return false
  app.value = { kind: 'signed-in', mail: await openMail(found.user, { ...opening, kept: found.session }) }
  return true
}

const opening: Opening = {
  standardLabels: () => t().labels.standard,
  onSignedOut: () => void ended(true),
  onStranger: () => {
    close()
    void forget({ keepsWaiting: false }).then(() => begin(undefined))
  },
}

/** What nobody else has, letters that wait to be sent, stays for the same person. */
async function ended(wasThere: boolean): Promise<void> {
  close()
  app.value = { kind: 'signed-out', ended: wasThere }
  await forget({ keepsWaiting: true })
}

async function forget(how: { readonly keepsWaiting: boolean }): Promise<void> {
  try {
    await (await import('./offline/offline.ts')).forget(how)
  } catch {
    // nothing could be kept either
  }
}

function close(): void {
  const now = app.peek()
  if (now.kind === 'signed-in') now.mail.close()
}

function isSignedOut(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'signed-out'
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    return
  }
}
