/** AUTH as the client. RFC 4954 */
import type { SmtpClient } from './client.ts'

export type ClientLogin = { readonly username: string; readonly password: string }

export async function logIn(client: SmtpClient, login: ClientLogin, signal: AbortSignal): Promise<void> {
  void client
  void login
  void signal
  throw new Error('AUTH is not there yet')
}
