import { isIP } from 'node:net'
import { z } from 'zod'
import { isHostName, refuse } from './values.ts'

/** Where an LMTP peer listens. */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly tls: boolean; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

const defaultPort = 2525

/** `lmtp://host:port` (STARTTLS where offered or demanded), `lmtps://host:port` (TLS at once), `unix:/path`. */
export const lmtpEndpoint = z.string().transform((text, context): Endpoint => {
  if (/^(smtps?|submissions?):/i.test(text)) {
    refuse(
      context,
      {
        en: 'home speaks LMTP, not SMTP: write lmtp://… (mail sent by SMTP to an LMTP port bounces)',
        ja: 'homeが話すのはSMTPではなくLMTPです。lmtp://… と書いてください(LMTPのポートにSMTPで送ると不達になります)',
      },
      'LMTP-PROTO',
    )
    return z.NEVER
  }
  const endpoint = parseEndpoint(text)
  if (endpoint) return endpoint
  refuse(context, {
    en: 'an address such as lmtp://home.example:2525, lmtps://home.example:2525 or unix:./lmtp.sock is wanted',
    ja: 'lmtp://home.example:2525、lmtps://home.example:2525、unix:./lmtp.sock のように書いてください',
  })
  return z.NEVER
})

export function parseEndpoint(text: string): Endpoint | undefined {
  if (text.startsWith('unix:') && text.length > 5) return { kind: 'unix', path: text.slice(5) }
  const match = /^(lmtps?):\/\/(\[[0-9a-f:.]+\]|[^/:[\]]+)(?::(\d{1,5}))?\/?$/i.exec(text)
  if (!match) return undefined
  const host = (match[2] ?? '').replace(/^\[|\]$/g, '').toLowerCase()
  const port = match[3] === undefined ? defaultPort : Number(match[3])
  if (port < 1 || port > 65535 || (isIP(host) === 0 && !isHostName(host))) return undefined
  return { kind: 'tcp', tls: match[1]?.toLowerCase() === 'lmtps', host, port }
}

export function printEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  return `${endpoint.tls ? 'lmtps' : 'lmtp'}://${host}:${endpoint.port}`
}
