/** Whose sessions live, and which must end: those of a user who was disabled, removed or got a new password. */
import type { Login } from './auth.ts'
import type { Credential, Credentials } from './auth-credentials.ts'
import type { AccountId } from './ids.ts'

type Living = { readonly version: number; readonly controller: AbortController }

export class LoginSessions implements Disposable {
  readonly #credentials: Credentials
  /** One entry for each account that has logged in: bounded by the users. */
  readonly #living = new Map<AccountId, Living>()
  readonly #watch: Disposable

  constructor(credentials: Credentials) {
    this.#credentials = credentials
    this.#watch = credentials.watch(() => void this.#endOutdated())
  }

  /** All sessions of one password share one signal. Undefined when the credential has changed meanwhile. */
  async begin(credential: Credential): Promise<Login | undefined> {
    let living = this.#living.get(credential.account)
    if (living && living.version !== credential.version) {
      this.#end(credential.account, living)
      living = undefined
    }
    living ??= { version: credential.version, controller: new AbortController() }
    this.#living.set(credential.account, living)
    // looked at only after it is in the list: whatever changes from now on finds it there
    if (!isStill(await this.#credentials.credentialOf(credential.account), living.version)) {
      this.#end(credential.account, living)
      return undefined
    }
    return { account: credential.account, address: credential.address, ended: living.controller.signal }
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
  }

  async #endOutdated(): Promise<void> {
    for (const [account, living] of this.#living) {
      try {
        if (!isStill(await this.#credentials.credentialOf(account), living.version)) this.#end(account, living)
      } catch {
        // who cannot be asked has not said that anybody is to go
      }
    }
  }

  #end(account: AccountId, living: Living): void {
    if (this.#living.get(account) === living) this.#living.delete(account)
    living.controller.abort(new Error('The account was disabled or got a new password'))
  }
}

function isStill(credential: Credential | undefined, version: number): boolean {
  return credential?.enabled === true && credential.version === version
}
