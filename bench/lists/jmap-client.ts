// A mail program's JMAP: one connection that is kept, any server that speaks RFC 8620.
import { Agent, request } from 'node:http'

export type Call = readonly [method: string, args: Readonly<Record<string, unknown>>, id: string]
export type Response = readonly [method: string, args: Readonly<Record<string, unknown>>, id: string]
export type JmapClient = {
  readonly accountId: string
  /** @throws when a method is answered with an error */
  readonly send: (calls: readonly Call[]) => Promise<readonly Response[]>
  readonly close: () => void
}

type Session = { readonly apiUrl: string; readonly primaryAccounts: Readonly<Record<string, string>> }
type Asked = { readonly agent: Agent; readonly authorization: string }

const mail = 'urn:ietf:params:jmap:mail'
const using = ['urn:ietf:params:jmap:core', mail]

/** @param origin such as `http://127.0.0.2:12280` */
export async function openJmap(origin: string, user: string, password: string): Promise<JmapClient> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const asked = { agent, authorization }
  const session = JSON.parse(await ask(asked, 'GET', `${origin}/.well-known/jmap`)) as Session
  const api = new URL(new URL(session.apiUrl, origin).pathname, origin).href
  return {
    accountId: session.primaryAccounts[mail] ?? '',
    send: async methodCalls => {
      const answer = JSON.parse(await ask(asked, 'POST', api, JSON.stringify({ using, methodCalls })))
      const { methodResponses } = answer as { methodResponses: readonly Response[] }
      const wrong = methodResponses.find(([method]) => method === 'error')
      if (wrong) throw new Error(JSON.stringify(wrong))
      return methodResponses
    },
    close: () => agent.destroy(),
  }
}

function ask(asked: Asked, method: string, url: string, body?: string, hops = 3): Promise<string> {
  const { agent, authorization } = asked
  const headers = { authorization, accept: 'application/json', ...(body && { 'content-type': 'application/json' }) }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers, timeout: 60_000 }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const { statusCode = 0 } = response
        const to = response.headers.location
        if (statusCode >= 300 && statusCode < 400 && to && hops > 0)
          return resolve(ask(asked, method, new URL(new URL(to, url).pathname, url).href, body, hops - 1))
        if (statusCode === 200) return resolve(text)
        reject(new Error(`${url}: ${statusCode} ${text.slice(0, 200)}`))
      })
    })
    sent.on('error', reject)
    sent.on('timeout', () => sent.destroy(new Error(`${url}: no answer in a minute`)))
    sent.end(body)
  })
}
