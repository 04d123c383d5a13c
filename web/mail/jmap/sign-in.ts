/** Signing in and out: a cookie that scripts cannot read. docs/plan-webmail.md, Borders */
import type { ProblemDetails } from '#protocols/jmap/wire.ts'
import { Fault } from './fault.ts'
import { ask } from './request.ts'

export type MailService = { readonly host: string; readonly port: number; readonly security: 'tls' | 'starttls' }

export type FirstStep = {
  readonly search?: string
  readonly writeTo?: string
  readonly note?: { readonly en: string; readonly ja: string }
}

export type SignedIn = {
  readonly username: string
  readonly name: string
  /** RFC 3339: when the session ends unless it is used */
  readonly expires: string
  /** Under which our own servers write Authentication-Results */
  readonly authservIds?: readonly string[]
  /** The owner's own, for the menu */
  readonly links?: readonly { readonly label: { readonly en: string; readonly ja: string }; readonly url: string }[]
  /** What somebody new is invited to try (`home.webmail.firstSteps`) */
  readonly firstSteps?: readonly FirstStep[]
  /** Where mail programs find the server */
  readonly services?: { readonly imap?: MailService; readonly submission?: MailService }
}

export type Proof =
  | { readonly username: string; readonly password: string; readonly totp?: string }
  /** `replace`: whoever is signed in here, who has been asked */
  | { readonly ticket: string; readonly replace?: true }
  /** What the device answered to `passkeyOptions` */
  | { readonly passkey: object }

/** Throws a Fault: `signed-out` when nobody is signed in. */
export async function whoIsSignedIn(): Promise<SignedIn> {
  return (await (await ask('/session')).json()) as SignedIn
}

/** A link for one person, followed where another one is signed in */
export type OtherPerson = { readonly username: string; readonly signedInAs: string; readonly ticket: string }

export function otherPersonOf(error: unknown): OtherPerson | undefined {
  const problem = error instanceof Fault ? error.problem : undefined
  return problem?.type === '/problems/other-person' ? (problem as ProblemDetails & OtherPerson) : undefined
}

/** Throws a Fault: `signed-out` when the proof is wrong, `refused` with status 429 when there were too many. */
export async function signIn(proof: Proof): Promise<SignedIn> {
  return (await (await ask('/session', { method: 'POST', json: proof })).json()) as SignedIn
}

/** For `startAuthentication` of @simplewebauthn/browser */
export async function passkeyOptions(): Promise<object> {
  return (await (await ask('/session/passkey/options', { method: 'POST', json: {} })).json()) as object
}

export async function signOut(): Promise<void> {
  await ask('/session', { method: 'DELETE' })
}
