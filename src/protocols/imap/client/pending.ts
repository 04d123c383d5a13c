/** A command that has been written, or is being written, and waits for its tagged answer. */
import type { BodySink } from './receive.ts'
import { ServerNonsense } from './failure.ts'
import { gatheredLimit, gatheredLimitBytes } from './limits.ts'
import type { ImapAnswer, UntaggedResponse } from './response.ts'

export type Taking = {
  /**
   * Each response as it comes, instead of gathering them for the answer. Reading waits for it, so it must not wait for another
   * command of this client.
   */
  readonly onResponse?: ((response: UntaggedResponse) => void | Promise<void>) | undefined
  /** Where the bodies of FETCH go, each open until its response has been handled. Only with `onResponse`. */
  readonly sink?: BodySink | undefined
  /** How long the server may say nothing. Default: the client's. */
  readonly silenceMs?: number | undefined
}

export class Pending {
  readonly tag: string
  readonly name: string
  readonly taking: Taking
  readonly answer: Promise<ImapAnswer>
  readonly #gathered: UntaggedResponse[] = []
  #gatheredBytes = 0
  #resolve: (answer: ImapAnswer) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(tag: string, name: string, taking: Taking) {
    this.tag = tag
    this.name = name
    this.taking = taking
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // whoever asked hears of it; a command that was given up is nobody's
    this.answer.catch(() => undefined)
  }

  async take(response: UntaggedResponse, heldBytes: number): Promise<void> {
    if (this.taking.onResponse) return await this.taking.onResponse(response)
    this.#gatheredBytes += heldBytes
    if (this.#gatheredBytes > gatheredLimitBytes || this.#gathered.length >= gatheredLimit)
      throw new ServerNonsense(`The answer to ${this.name} is larger than we hold`)
    this.#gathered.push(response)
  }

  answered(answer: Omit<ImapAnswer, 'responses'>): void {
    this.#resolve({ ...answer, responses: this.#gathered })
  }
  failed(error: unknown): void {
    this.#reject(error)
  }
}
