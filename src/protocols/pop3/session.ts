/** Where a conversation stands. RFC 1939 §3: authorization, transaction, update. */
import type { Account } from '#mail/account.ts'
import type { Login } from '#mail/auth.ts'
import type { Maildrop } from './maildrop.ts'

/** `name` was given by USER and waits for PASS */
export type Authorization = { readonly kind: 'authorization'; readonly name: string | undefined }
export type Transaction = {
  readonly kind: 'transaction'
  readonly login: Login
  readonly account: Account
  readonly drop: Maildrop
}
export type Session = Authorization | Transaction | { readonly kind: 'gone' }

export const unauthenticated: Authorization = { kind: 'authorization', name: undefined }
