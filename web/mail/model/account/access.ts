/** What opens the account: sessions, app passwords, a second factor, passkeys. docs/plan-webmail.md, Borders */
import { startRegistration } from '@simplewebauthn/browser'
import { Fault } from '../../jmap/fault.ts'
import { type Asking, ask } from '../../jmap/request.ts'

export type WebSession = {
  readonly id: string
  readonly current: boolean
  /** RFC 3339, as all times here */
  readonly created: string
  readonly lastUsed: string
  readonly userAgent: string
  readonly clientAddress: string
}
export type NamedSecret = {
  readonly id: string
  readonly name: string
  readonly created: string
  readonly lastUsed: string | null
}
export type SecondFactor = {
  readonly totp: { readonly created: string; readonly lastUsed: string | null } | null
  readonly recoveryCodesLeft: number
}
export type NewSecret = { readonly secret: string; readonly uri: string }

/** `wrong`: a password or a code that is not right */
export class AccessFault extends Error {
  readonly kind: 'wrong' | 'too-many' | 'failed'
  constructor(kind: AccessFault['kind']) {
    super(kind)
    this.kind = kind
  }
}

async function call<Answer>(path: string, asking: Asking = {}): Promise<Answer> {
  try {
    const response = await ask(path, asking)
    return (response.status === 204 ? undefined : await response.json()) as Answer
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const status = error.problem?.status
    // 401 says of these paths that the password in the body is wrong, or that the session is over: the next request tells which
    if (status === 401 || status === 403) throw new AccessFault('wrong')
    throw new AccessFault(status === 409 ? 'too-many' : 'failed')
  }
}

const post = <Answer>(path: string, json: object) => call<Answer>(path, { method: 'POST', json })
const drop = (path: string) => call<undefined>(path, { method: 'DELETE' })

export const access = {
  sessions: async () => (await call<{ readonly sessions: readonly WebSession[] }>('/sessions')).sessions,
  endSession: (id: string) => drop(`/sessions/${encodeURIComponent(id)}`),
  ticket: (password: string, totp: string) =>
    post<{ readonly ticket: string; readonly expiresInSeconds: number }>('/session/ticket', {
      password,
      ...(totp !== '' && { totp }),
    }),
  appPasswords: async () =>
    (await call<{ readonly appPasswords: readonly NamedSecret[] }>('/app-passwords')).appPasswords,
  addAppPassword: (name: string) => post<NamedSecret & { readonly password: string }>('/app-passwords', { name }),
  removeAppPassword: (id: string) => drop(`/app-passwords/${encodeURIComponent(id)}`),
  secondFactor: () => call<SecondFactor>('/second-factor'),
  beginSecondFactor: (password: string) => post<NewSecret>('/second-factor', { password }),
  confirmSecondFactor: async (code: string) =>
    (await post<{ readonly recoveryCodes: readonly string[] }>('/second-factor/confirm', { code })).recoveryCodes,
  renewRecoveryCodes: async (code: string) =>
    (await post<{ readonly recoveryCodes: readonly string[] }>('/second-factor/recovery-codes', { code }))
      .recoveryCodes,
  endSecondFactor: (code: string) => post<undefined>('/second-factor/off', { code }),
  passkeys: async () => (await call<{ readonly passkeys: readonly NamedSecret[] }>('/passkeys')).passkeys,
  removePasskey: (id: string) => drop(`/passkeys/${encodeURIComponent(id)}`),
  async addPasskey(name: string, password: string): Promise<void> {
    type Options = Parameters<typeof startRegistration>[0]['optionsJSON']
    const optionsJSON = await post<Options>('/passkeys/new/options', { password })
    const response = await startRegistration({ optionsJSON }).catch(() => {
      throw new AccessFault('failed')
    })
    await post('/passkeys', { name, response })
  },
} as const
