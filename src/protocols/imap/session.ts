/**
 * Where one connection stands: unauthenticated ⇄ authenticated ⇄ selected → gone. Fields exist only in the state where they
 * mean something. RFC 9051 §3
 */
import type { Account } from '#mail/account.ts'
import type { Login } from '#mail/auth.ts'
import type { SelectedMailbox } from './selected-mailbox.ts'

export type Unauthenticated = { readonly kind: 'unauthenticated' }
export type Authenticated = { readonly kind: 'authenticated'; readonly login: Login; readonly account: Account }
export type Selected = {
  readonly kind: 'selected'
  readonly login: Login
  readonly account: Account
  readonly selected: SelectedMailbox
}
/** BYE has been said, or will be with `goodbye`. */
export type Gone = { readonly kind: 'gone'; readonly goodbye: string | undefined }

export type Session = Unauthenticated | Authenticated | Selected | Gone
export type SessionKind = Session['kind']
export type SessionIn<Kind extends SessionKind> = Extract<Session, { readonly kind: Kind }>

/** At the start, and after UNAUTHENTICATE. */
export const unauthenticated: Unauthenticated = { kind: 'unauthenticated' }

export function authenticated(login: Login, account: Account): Authenticated {
  return { kind: 'authenticated', login, account }
}

export function selected({ login, account }: Authenticated | Selected, mailbox: SelectedMailbox): Selected {
  return { kind: 'selected', login, account, selected: mailbox }
}

/** After CLOSE, UNSELECT and a SELECT that failed. */
export function deselected({ login, account }: Authenticated | Selected): Authenticated {
  return { kind: 'authenticated', login, account }
}

export function gone(goodbye?: string): Gone {
  return { kind: 'gone', goodbye }
}
