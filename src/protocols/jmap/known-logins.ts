/** Who has logged in on a connection: the next request with the same words is theirs, without another check and another event. */
import { createHmac, randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Login } from '#mail/auth.ts'

export class KnownLogins {
  /** The words themselves are not kept */
  readonly #key = randomBytes(32)
  readonly #known = new WeakMap<Socket, { readonly mark: string; readonly login: Login }>()

  find(socket: Socket, authorization: string): Login | undefined {
    const known = this.#known.get(socket)
    if (known?.mark !== this.#mark(authorization) || known.login.ended.aborted) return undefined
    return known.login
  }

  add(socket: Socket, authorization: string, login: Login): void {
    this.#known.set(socket, { mark: this.#mark(authorization), login })
  }

  #mark(authorization: string): string {
    return createHmac('sha256', this.#key).update(authorization).digest('base64')
  }
}
