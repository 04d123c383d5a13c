/** Where a conversation stands. RFC 5804 §1.4 */
import type { Language } from '#base/text.ts'
import type { Login } from '#mail/auth.ts'

export type Unauthenticated = { readonly kind: 'unauthenticated' }
export type Authenticated = { readonly kind: 'authenticated'; readonly login: Login; readonly language: Language }
export type Session = Unauthenticated | Authenticated | { readonly kind: 'gone' }

export const unauthenticated: Unauthenticated = { kind: 'unauthenticated' }
export const gone = { kind: 'gone' } as const
