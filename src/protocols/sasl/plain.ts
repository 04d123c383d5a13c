/** PLAIN. RFC 4616 */
import { emptyBytes } from '#base/bytes.ts'
import { bad, refused, responseText } from './sasl.ts'
import type { SaslContext, SaslStep } from './sasl.ts'

export async function plain(initial: Uint8Array | undefined, context: SaslContext): Promise<SaslStep> {
  if (initial) return check(initial, context)
  return { kind: 'challenge', data: emptyBytes, next: response => check(response, context) }
}

async function check(response: Uint8Array, context: SaslContext): Promise<SaslStep> {
  const [authzid, authcid, password, ...rest] = responseText(response)?.split('\0') ?? []
  if (!authcid || !password || rest.length > 0) return bad('PLAIN is [authzid] NUL authcid NUL password in UTF-8')
  // nobody acts for somebody else here
  if (authzid !== '' && authzid !== authcid) return refused
  const attempt = { ...context.attempt, mechanism: 'PLAIN' }
  return { kind: 'done', result: await context.authenticator.password(authcid, password, attempt) }
}
