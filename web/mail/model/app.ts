/** Who is signed in, from the first moment on. */
import { type Signal, signal } from '@preact/signals'
import { Fault } from '../jmap/fault.ts'
import { type Proof, signIn, signOut, whoIsSignedIn } from '../jmap/sign-in.ts'
import { t } from '../texts/texts.ts'
import { type Mail, openMail } from './mail.ts'

export type App =
  /** It is being asked */
  | { readonly kind: 'asking' }
  /** `ended`: there was a session a moment ago */
  | { readonly kind: 'signed-out'; readonly ended: boolean }
  | { readonly kind: 'signed-in'; readonly mail: Mail }
  /** Nobody answers */
  | { readonly kind: 'unreachable' }

export const app: Signal<App> = signal({ kind: 'asking' })

/** `ticket`: from a link that opens signed in */
export async function begin(ticket: string | undefined): Promise<void> {
  app.value = { kind: 'asking' }
  try {
    const user = ticket === undefined ? await whoIsSignedIn() : await signIn({ ticket }).catch(() => whoIsSignedIn())
    await open(user)
  } catch (error) {
    app.value = isSignedOut(error) ? { kind: 'signed-out', ended: false } : { kind: 'unreachable' }
  }
}

/** Throws a Fault that says why not. */
export async function enter(proof: Proof): Promise<void> {
  await open(await signIn(proof))
}

export async function leave(): Promise<void> {
  await signOut().catch(() => undefined)
  close()
  app.value = { kind: 'signed-out', ended: false }
}

async function open(user: Awaited<ReturnType<typeof whoIsSignedIn>>): Promise<void> {
  const mail = await openMail(user, { standardLabels: () => t().labels.standard }, () => {
    close()
    app.value = { kind: 'signed-out', ended: true }
  })
  app.value = { kind: 'signed-in', mail }
}

function close(): void {
  const now = app.peek()
  if (now.kind === 'signed-in') now.mail.close()
}

function isSignedOut(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'signed-out'
}
