/** AUTH inside SMTP: which mechanisms are offered to this session, and the exchange. */
import type { Session } from './session.ts'

/** Empty where AUTH is not allowed: on the MX, without TLS, after a login. */
export function mechanismsOffered(session: Session): readonly string[] {
  void session
  return []
}

/** The exchange after AUTH. False: the conversation is over. */
export async function authenticate(
  session: Session,
  start: { readonly mechanism: string; readonly initial: string | undefined },
): Promise<boolean> {
  void start
  session.connection.write('504 5.5.4 That mechanism is not offered\r\n')
  return true
}
