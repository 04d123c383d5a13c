/** The tagged end of a command, and the expected ways to refuse one. */
import type { AccountRefusal } from '#mail/account.ts'
import type { Session } from './session.ts'

export type Reply = {
  readonly status: 'OK' | 'NO' | 'BAD'
  /** Response code without brackets */
  readonly code?: string | undefined
  readonly text: string
  /** The state after the command, when it changes */
  readonly next?: Session
}

export function ok(text: string, code?: string): Reply {
  return { status: 'OK', code, text }
}
export function no(code: string | undefined, text: string): Reply {
  return { status: 'NO', code, text }
}
export function bad(text: string, code = 'CLIENTBUG'): Reply {
  return { status: 'BAD', code, text }
}
export function okAnd(next: Session, text: string, code?: string): Reply {
  return { status: 'OK', code, text, next }
}

/** Thrown where a command finds out deep inside that it cannot go on; the loop sends its reply. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly reply: Reply
  constructor(reply: Reply) {
    super(reply.text)
    this.reply = reply
  }
}

/** RFC 5530 codes for what the account refuses. `missing`: the code for a mailbox that is not there. */
export function refusal(refused: AccountRefusal, missing: 'TRYCREATE' | 'NONEXISTENT' = 'NONEXISTENT'): Reply {
  switch (refused.refused) {
    case 'no-such-mailbox':
      return no(missing, 'No such mailbox')
    case 'no-such-message':
      return no('EXPUNGEISSUED', 'The message no longer exists')
    case 'exists':
      return no('ALREADYEXISTS', 'A mailbox of that name exists')
    case 'bad-name':
      return no('CANNOT', refused.why)
    case 'has-role':
      return no('CANNOT', 'This mailbox has a role and stays')
    case 'over-quota':
      return no('OVERQUOTA', 'There is no room for this')
    case 'too-many-keywords':
      return no('LIMIT', 'There are too many different keywords')
    case 'too-many-mailboxes':
      return no('LIMIT', 'There are too many mailboxes')
    case 'value-too-large':
      return no(`METADATA MAXSIZE ${refused.limitBytes}`, 'The value is too large')
    case 'too-many-entries':
      return no('METADATA TOOMANY', 'There are too many entries')
    default:
      return refused satisfies never
  }
}
