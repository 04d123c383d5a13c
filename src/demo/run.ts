/**
 * `hikyaku demo`: gateway and home as two processes with a real link between them, and a small pretend internet in this one.
 * Everything is on loopback and below one folder; nothing is left behind unless a folder was given.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeEnvironment, nodeFlags } from '#base/node-flags.ts'
import { type Language, say } from '#base/text.ts'
import { openSpool } from '#mail/spool.ts'
import { type Cable, layCable } from './cable.ts'
import { type ControlAnswer, type ControlCommand, serveControl } from './control.ts'
import { type DemoInstallation, layOut } from './installation.ts'
import { type PretendInternet, startInternet } from './internet/start.ts'
import { type DemoPorts, portsAt } from './ports.ts'
import { demoAccounts, seedHome } from './seed.ts'
import { signInLink } from './sign-in-link.ts'
import { type Supervised, supervise } from './supervise.ts'
import { hostOf, serveSwitch } from './switch.ts'
import { demoTexts } from './texts.ts'

export type DemoOptions = {
  /** Kept when given; temporary and removed otherwise */
  readonly data?: string
  readonly portOffset: number
  readonly headless: boolean
  readonly json: boolean
  readonly language: Language
  readonly signal: AbortSignal
  /** It ends no sooner after its signal: for an npm above it, which a repeated signal would kill once we are gone */
  readonly endsAfterMs: number
  readonly write: (text: string) => void
}

type Demo = {
  readonly folder: string
  readonly ports: DemoPorts
  readonly installation: DemoInstallation
  readonly internet: PretendInternet
  readonly cable: Cable
  readonly gateway: Supervised
  readonly home: Supervised
}

const readyBudgetMs = 45_000

export async function runDemo(options: DemoOptions): Promise<void> {
  const begun = performance.now()
  await using scope = new AsyncDisposableStack()
  outlastRepeats(options, scope)
  const demo = await startDemo(options, scope)
  await everythingAnswers(demo, options.signal)
  await announce(demo, options, begun)
  await until(options.signal)
}

/** Done last, when everything else has ended. */
function outlastRepeats({ signal, endsAfterMs }: DemoOptions, scope: AsyncDisposableStack): void {
  let stoppedAt = signal.aborted ? performance.now() : -Infinity
  signal.addEventListener('abort', () => (stoppedAt = performance.now()), { once: true })
  scope.defer(() => sleep(Math.max(0, stoppedAt + endsAfterMs - performance.now())))
}

async function startDemo(options: DemoOptions, scope: AsyncDisposableStack): Promise<Demo> {
  const folder = await demoFolder(options.data, scope)
  const ports = portsAt(options.portOffset)
  const installation = await layOut(folder, ports, hasIpv6Loopback())
  await seedHome(join(folder, 'home', 'data'), join(folder, 'link', 'recipients.json'))
  const internet = await startInternet(
    {
      ports: ports.internet,
      gatewayPort: ports.mx,
      apiKey: installation.relayKey,
      pair: installation.relayPair,
      spool: await openSpool(join(folder, 'internet', 'spool')),
    },
    scope,
  )
  const cable = scope.use(await layCable({ port: ports.link, toPort: ports.lmtp }))
  const home = scope.use(box('home', installation.homeConfig, folder))
  const gateway = scope.use(box('gateway', installation.gatewayConfig, folder))
  const demo = { folder, ports, installation, internet, cable, gateway, home }
  const linkFor = (address: string) =>
    signInLink(join(folder, 'home', 'data'), address, `http://${hostOf(address)}:${ports.http}`)
  scope.use(await serveSwitch({ port: ports.switch, linkFor }))
  scope.use(await serveControl(join(folder, 'demo.sock'), command => control(demo, command)))
  return demo
}

async function demoFolder(data: string | undefined, scope: AsyncDisposableStack): Promise<string> {
  if (data !== undefined) {
    const folder = resolve(data)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await rm(join(folder, 'demo.sock'), { force: true })
    return folder
  }
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-demo-'))
  scope.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some(addresses => addresses?.some(({ address }) => address === '::1'))
}

function box(name: 'gateway' | 'home', config: string, folder: string): Supervised {
  const main = new URL('../main.ts', import.meta.url).pathname
  return supervise({
    name,
    command: process.execPath,
    args: [...nodeFlags, main, 'serve', '--config', config],
    env: { ...nodeEnvironment, ...process.env, HIKYAKU_DEMO: '1' },
    logFile: join(folder, `${name}.log`),
    pidFile: join(folder, `${name}.pid`),
  })
}

/** The switches of the break-it lab: `{ link: 'cut' | 'mend' }`, `{ stop: box }`, `{ start: box }`, `{ arrived: address }`. */
async function control(demo: Demo, command: ControlCommand): Promise<ControlAnswer> {
  const boxes: Readonly<Record<string, Supervised>> = { gateway: demo.gateway, home: demo.home }
  if (command['link'] === 'cut') demo.cable.cut()
  if (command['link'] === 'mend') demo.cable.mend()
  if (typeof command['stop'] === 'string') await boxes[command['stop']]?.stop()
  if (typeof command['start'] === 'string') boxes[command['start']]?.start()
  if (typeof command['credits'] === 'number') demo.internet.relay.creditsLeft = command['credits']
  if (typeof command['apiKey'] === 'string') demo.internet.relay.apiKey = command['apiKey']
  const about = command['arrived']
  const arrived = demo.internet.host.arrived.filter(letter => letter.recipient === about)
  return {
    link: demo.cable.isCut ? 'cut' : 'whole',
    restarts: { gateway: demo.gateway.restarts, home: demo.home.restarts },
    ...(typeof about === 'string' && {
      arrived: arrived.map(letter => ({ reversePath: letter.reversePath, message: letter.bytes.toString('base64') })),
    }),
  }
}

async function everythingAnswers({ ports, home, gateway, folder }: Demo, signal: AbortSignal): Promise<void> {
  const wanted = [
    ports.mx,
    ports.lmtp,
    ports.submission,
    ports.submissions,
    ports.imap,
    ports.imaps,
    ports.pop3,
    ports.pop3s,
    ports.managesieve,
    ports.http,
    ports.https,
  ]
  const deadline = Date.now() + readyBudgetMs
  for (const port of wanted)
    while (!(await answers(port))) {
      signal.throwIfAborted()
      if (Date.now() > deadline || home.restarts + gateway.restarts > 5)
        throw new Error(
          `Port ${port} does not answer; see ${join(folder, 'home.log')} and ${join(folder, 'gateway.log')}`,
        )
      await sleep(25)
    }
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' })
    const done = (well: boolean) => {
      socket.destroy()
      resolve(well)
    }
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
}

async function announce({ ports, installation, folder }: Demo, options: DemoOptions, begun: number): Promise<void> {
  const { internet: _internet, link: _link, switch: _switch, ...own } = ports
  const webmail = `http://localhost:${ports.http}/`
  if (options.json) {
    const accounts = demoAccounts.map(({ address, password }) => ({ address, password }))
    options.write(`${JSON.stringify({ ready: true, webmail, accounts, ports: own, ca: installation.caPath })}\n`)
    return
  }
  const { language } = options
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  const lines = [
    demoTexts.running[language](seconds),
    say(demoTexts.internet, language),
    `${say(demoTexts.accounts, language)} ${demoAccounts.map(({ address, password }) => `${address} (${password})`).join(' · ')}`,
    '',
    ...(await webmailLines(folder, ports.http, language)),
    `${say(demoTexts.status, language)}  ${webmail}status`,
    `${say(demoTexts.clients, language)}  IMAP localhost:${ports.imaps} (TLS) · POP3 localhost:${ports.pop3s} (TLS) · SMTP localhost:${ports.submission} (STARTTLS)`,
    `  ${say(demoTexts.authority, language)}: ${installation.caPath}`,
    say(demoTexts.write, language),
    `${say(demoTexts.trace, language)}: ./hikyaku trace --demo ${folder} aki@internet.test`,
    options.data === undefined ? say(demoTexts.leave, language) : `${say(demoTexts.kept, language)} ${folder}`,
  ]
  options.write(`${lines.join('\n')}\n`)
}

/** Each under a name of its own for this machine: so both can be open in one browser. */
function webmailLines(folder: string, port: number, language: Language): Promise<string[]> {
  const data = join(folder, 'home', 'data')
  return Promise.all(
    demoAccounts.map(async ({ address, name }) => {
      const link = await signInLink(data, address, `http://${hostOf(address)}:${port}`)
      return `${demoTexts.webmail[language](name)}  ${link}`
    }),
  )
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    if (signal.aborted) return done()
    signal.addEventListener('abort', () => done(), { once: true })
  })
}
