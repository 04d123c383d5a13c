/** LOGIN, as old clients know it (draft-murchison-sasl-login-00): name, then password. */
import { utf8 } from '#base/bytes.ts'
import { bad, responseText } from './sasl.ts'
import type { SaslContext, SaslStep } from './sasl.ts'

export async function login(initial: Uint8Array | undefined, context: SaslContext): Promise<SaslStep> {
  if (initial && initial.length > 0) return askPassword(initial, context)
  return { kind: 'challenge', data: utf8('Username:'), next: response => askPassword(response, context) }
}

async function askPassword(response: Uint8Array, context: SaslContext): Promise<SaslStep> {
  const name = responseText(response)
  if (!name) return bad('The name is UTF-8 and not empty')
  return { kind: 'challenge', data: utf8('Password:'), next: password => check(name, password, context) }
}

async function check(name: string, response: Uint8Array, context: SaslContext): Promise<SaslStep> {
  const password = responseText(response)
  if (!password) return bad('The password is UTF-8 and not empty')
  const attempt = { ...context.attempt, mechanism: 'LOGIN' }
  return { kind: 'done', result: await context.authenticator.password(name, password, attempt) }
}
