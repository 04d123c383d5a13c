import type { SetError } from '#protocols/jmap/wire.ts'

/** The server does not take a change. The message is for people where the server wrote it for them. */
export class Refused extends Error {
  readonly error: SetError
  constructor(error: SetError) {
    super(error.description ?? error.type)
    this.error = error
  }
}
