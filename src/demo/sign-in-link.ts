/** A link that opens the webmail signed in, once, within ten minutes: from home's administration socket, as `hikyaku user ticket` gets it. */
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Without a ticket the link opens the page where one signs in. */
const answerMs = 10_000

/** `origin`: how the browser shall name us; each name has cookies of its own, so two people can be signed in side by side */
export async function signInLink(homeData: string, address: string, origin: string): Promise<string> {
  const deadline = performance.now() + answerMs
  let url = await ticketUrl(join(homeData, 'admin.sock'), address)
  // the socket opens last of all
  while (url === undefined && performance.now() < deadline) {
    await sleep(50)
    url = await ticketUrl(join(homeData, 'admin.sock'), address)
  }
  return `${origin}/${url === undefined ? '' : url.slice(url.indexOf('#'))}`
}

function ticketUrl(socketPath: string, address: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const nothing = () => resolve(undefined)
    const asked = request({ socketPath, path: '/operations/user.ticket', method: 'POST', timeout: 5_000 }, response => {
      let text = ''
      response.on('data', (chunk: Buffer) => void (text += chunk.toString()))
      response.on('error', nothing)
      response.on('end', () => resolve(/"url":"([^"]*#ticket=[\w-]+)"/.exec(text)?.[1]))
    })
    asked.on('error', nothing)
    asked.on('timeout', () => asked.destroy())
    asked.setHeader('content-type', 'application/json')
    asked.end(JSON.stringify({ address }))
  })
}
