/** By which name the client reached us: the URLs that we give out begin with it. */
import type { IncomingMessage } from 'node:http'

/** Undefined where the Host field names no host. It is only ever shown to who sent it. */
export function ownOrigin({ headers }: IncomingMessage, secure: boolean): string | undefined {
  const { host = '' } = headers
  if (!/^(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i.test(host)) return undefined
  // a proxy on this machine that speaks TLS for us says so; a lie here changes what the liar is told, and nothing else
  const https = secure || headers['x-forwarded-proto'] === 'https'
  return `${https ? 'https' : 'http'}://${host.toLowerCase()}`
}
