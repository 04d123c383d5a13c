/** Why a command has no answer, or not the one that was wanted. All are `ImapFailure`; nothing else is thrown but an abort's reason. */
import type { ImapAnswer } from './response.ts'

export class ImapFailure extends Error {
  override readonly name: string = 'ImapFailure'
}

/** NO or BAD. The connection is fit for more. */
export class CommandRefused extends ImapFailure {
  override readonly name = 'CommandRefused'
  readonly answer: ImapAnswer
  constructor(command: string, answer: ImapAnswer) {
    super(`${command}: ${answer.status} ${answer.text}`)
    this.answer = answer
  }
}

/** The server said BYE and went. */
export class ServerBye extends ImapFailure {
  override readonly name = 'ServerBye'
}

/** The connection ended, or could not be made, without a word. `cause` says more. */
export class ConnectionBroken extends ImapFailure {
  override readonly name = 'ConnectionBroken'
}

/** Nothing came, or nothing was taken, for too long. */
export class ServerSilent extends ImapFailure {
  override readonly name = 'ServerSilent'
}

/** What came is not IMAP, or more than we hold. The connection is given up. */
export class ServerNonsense extends ImapFailure {
  override readonly name = 'ServerNonsense'
}

/** TLS is not to be had, or its certificate does not hold. No password has been sent. */
export class NotSecure extends ImapFailure {
  override readonly name = 'NotSecure'
}

/** There is no way to log in that both know, or the server has not proved that it knows the password. */
export class LoginImpossible extends ImapFailure {
  override readonly name = 'LoginImpossible'
}
