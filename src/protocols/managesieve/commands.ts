/** The table of commands: which there are, and in which state each may come. */
import type { Command, Peer } from './command.ts'
import { authenticate } from './commands/authenticate.ts'
import { capability, logout, noop, starttls, unauthenticate } from './commands/connection.ts'
import {
  checkscript,
  deletescript,
  getscript,
  havespace,
  listscripts,
  putscript,
  renamescript,
  setactive,
} from './commands/scripts.ts'
import type { Authenticated, Session, Unauthenticated } from './session.ts'
import type { ManageSieveRequest } from './syntax/request.ts'
import { texts } from './texts.ts'

const commands = {
  authenticate,
  capability,
  logout,
  noop,
  starttls,
  unauthenticate,
  checkscript,
  deletescript,
  getscript,
  havespace,
  listscripts,
  putscript,
  renamescript,
  setactive,
} satisfies {
  [Kind in ManageSieveRequest['kind']]:
    | Command<Kind, Unauthenticated>
    | Command<Kind, Authenticated>
    | Command<Kind, Unauthenticated | Authenticated>
}

type AnyCommand = Command<ManageSieveRequest['kind'], Unauthenticated | Authenticated>

/** Runs the command if the state allows it; the session afterwards. */
export async function runCommand(
  request: ManageSieveRequest,
  session: Unauthenticated | Authenticated,
  peer: Peer,
): Promise<Session> {
  // the table pairs each kind with its own command, which the type of an index cannot say
  const command = commands[request.kind] as unknown as AnyCommand
  if (!command.states.includes(session.kind)) {
    peer.no(session.kind === 'unauthenticated' ? texts.logInFirst : texts.loggedIn)
    return session
  }
  return (await command.run(request as never, session, peer)) ?? session
}
