/** The table of commands: which there are, and in which state each may come. */
import type { Command, Peer } from './command.ts'
import { capa, quit, stls } from './commands/connection.ts'
import { lang, utf8 } from './commands/international.ts'
import { list, stat, uidl } from './commands/listing.ts'
import { auth, pass, user } from './commands/log-in.ts'
import { dele, noop, rset } from './commands/marking.ts'
import { retr, top } from './commands/retrieval.ts'
import type { Authorization, Session, Transaction } from './session.ts'
import type { Pop3Request } from './syntax/request.ts'
import { texts } from './texts.ts'

const commands = {
  user,
  pass,
  auth,
  capa,
  stls,
  utf8,
  lang,
  quit,
  stat,
  list,
  uidl,
  retr,
  top,
  dele,
  rset,
  noop,
} satisfies {
  [Kind in Pop3Request['kind']]:
    | Command<Kind, Authorization>
    | Command<Kind, Transaction>
    | Command<Kind, Authorization | Transaction>
}

type AnyCommand = Command<Pop3Request['kind'], Authorization | Transaction>

/** Runs the command if the state allows it; the session afterwards. */
export async function runCommand(
  request: Pop3Request,
  session: Authorization | Transaction,
  peer: Peer,
): Promise<Session> {
  // the table pairs each kind with its own command, which the type of an index cannot say
  const command = commands[request.kind] as unknown as AnyCommand
  if (!command.states.includes(session.kind)) {
    peer.err(session.kind === 'authorization' ? texts.logInFirst : texts.loggedIn)
    return session
  }
  const next = await command.run(request as never, session, peer)
  if (next) return next
  // RFC 1939 §7: PASS comes right after USER
  return session.kind === 'authorization' ? { kind: 'authorization', name: undefined } : session
}
