/** Asks Rspamd about a message: POST /checkv2 with what is known of its way. rspamd.com/doc/developers/protocol.html */
import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { MessageToScan, ScanFinding, Scanner } from '#mail/content/scanner.ts'
import type { DialTarget } from '#net/dial.ts'
import { parseAnswer } from './answer.ts'
import { keptConnections, maxAnswerBytes } from './limits.ts'

export type RspamdOptions = {
  readonly target: DialTarget
  readonly password: string | undefined
  /** Of this box, in its logs */
  readonly hostname: string
}

/** `options` are asked for each message: a reload may change them. Close it when no more is asked. */
export function rspamdScanner(options: () => RspamdOptions): Scanner & Disposable {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: keptConnections })
  return {
    name: 'rspamd',
    scan: (message, signal) => check(agent, options(), message, signal),
    ping: signal => ping(options(), signal),
    keyOf: ({ clientAddress, envelope, helo }, hash) => `${hash} ${clientAddress} ${helo} ${envelope.reversePath}`,
    [Symbol.dispose]: () => agent.destroy(),
  }
}

async function check(
  agent: Agent,
  options: RspamdOptions,
  message: MessageToScan,
  signal: AbortSignal,
): Promise<ScanFinding> {
  const asked = request({
    ...placeOf(options),
    agent,
    signal,
    method: 'POST',
    path: '/checkv2',
    headers: headersOf(options, message),
  })
  // an answer may come before all has been sent, and then ends the sending
  const answered = answerTo(asked)
  answered.catch(() => undefined)
  await Promise.race([sendBody(asked, message), answered])
  const { status, text } = await answered
  if (status !== 200) throw new Error(`Rspamd answers ${status}: ${text.slice(0, 100)}`)
  return parseAnswer(text)
}

function placeOf({ target }: RspamdOptions) {
  return 'path' in target ? { socketPath: target.path } : { host: target.address, port: target.port }
}

/** On a connection of its own: those that are kept may be what does not work. */
async function ping(options: RspamdOptions, signal: AbortSignal): Promise<void> {
  const headers = options.password === undefined ? {} : { Password: headerValue(options.password) }
  const asked = request({ ...placeOf(options), agent: false, signal, method: 'GET', path: '/ping', headers })
  const answered = answerTo(asked)
  asked.end()
  const { status } = await answered
  if (status !== 200) throw new Error(`Rspamd answers ${status} to a ping`)
}

function headersOf(options: RspamdOptions, { clientAddress, envelope, helo, message }: MessageToScan): string[] {
  const headers: [string, string][] = [
    ['Host', 'rspamd'],
    ['Content-Length', String(message.sizeBytes)],
    ['From', `<${envelope.reversePath}>`],
    ['Hostname', options.hostname],
  ]
  if (clientAddress !== '') headers.push(['IP', clientAddress])
  if (helo !== '') headers.push(['Helo', helo])
  if (options.password !== undefined) headers.push(['Password', options.password])
  for (const { address } of envelope.recipients) headers.push(['Rcpt', `<${address}>`])
  return headers.flatMap(([name, value]) => [name, headerValue(value)])
}

/** UTF-8, octet by octet, as Node sends header values; controls never pass. */
function headerValue(text: string): string {
  return Buffer.from(text.replaceAll(/[\0-\x1f\x7f]/g, '?').slice(0, 1000), 'utf8').toString('latin1')
}

async function sendBody(asked: ClientRequest, { message }: MessageToScan): Promise<void> {
  for await (const chunk of message.open()) {
    if (asked.destroyed) return
    if (!asked.write(chunk)) await Promise.race([once(asked, 'drain'), once(asked, 'close')])
  }
  asked.end()
}

function answerTo(asked: ClientRequest): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    asked.on('error', reject)
    asked.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > maxAnswerBytes) asked.destroy(new Error('The answer of Rspamd is too long'))
        else chunks.push(chunk)
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      )
      response.on('close', () => reject(new Error('Rspamd hung up in the middle of its answer')))
    })
  })
}
