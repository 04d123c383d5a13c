/** The table of commands. What a command decides, the server carries out: commands never touch the peer. */
import { auth } from './commands/auth.ts'
import { bdat } from './commands/bdat.ts'
import { data } from './commands/data.ts'
import { ehlo, helo, lhlo } from './commands/hello.ts'
import { mail } from './commands/mail.ts'
import { expn, help, noop, quit, rset, vrfy } from './commands/plain.ts'
import { rcpt } from './commands/rcpt.ts'
import { starttls } from './commands/starttls.ts'
import { xclient } from './commands/xclient.ts'
import { xhikyaku } from './commands/xhikyaku.ts'
import type { Command, Outcome } from './outcome.ts'
import type { Session } from './session.ts'
import type { SmtpCommand, Verb } from './syntax/command.ts'

export const commands: { readonly [Name in Verb]: Command<Name> } = {
  HELO: helo,
  EHLO: ehlo,
  LHLO: lhlo,
  MAIL: mail,
  RCPT: rcpt,
  DATA: data,
  BDAT: bdat,
  RSET: rset,
  NOOP: noop,
  HELP: help,
  VRFY: vrfy,
  EXPN: expn,
  QUIT: quit,
  STARTTLS: starttls,
  AUTH: auth,
  XCLIENT: xclient,
  XHIKYAKU: xhikyaku,
}

export function runCommand(command: SmtpCommand, session: Session): Outcome | Promise<Outcome> {
  const entry = commands[command.verb] as Command<Verb>
  return entry.run(command, session)
}
