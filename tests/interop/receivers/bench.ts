/** The world, a real mail server in it, and our home that sends there. */
import assert from 'node:assert/strict'
import { eventually, freePorts, temporaryFolder } from '../../support/peers.ts'
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts'
import type { Heard, Receiver, ReceiverKind } from './receiver.ts'
import { type Sender, type Sent, startSender } from './sender.ts'
import { upstreamFaults, upstreamsYaml } from './upstream-suite.ts'
import { certificatesIn, type Face, faces, type Policy, World } from './world.ts'

export type Bench = {
  readonly kind: ReceiverKind
  readonly world: World
  readonly receiver: Receiver
  readonly sender: Sender
  /** A domain that leads to a proxy before one of the faces, and then to others */
  proxied(
    name: string,
    face: Face,
    how: Parameters<typeof startFaultyProxy>[3],
    policy?: Policy,
    ...others: readonly Face[]
  ): Promise<{ readonly domain: string; readonly proxy: FaultyProxy }>
  /** Copies that the receiver has, without its own reports */
  copies(sent: Sent): readonly string[]
  /** Commands of the connections in which this letter's recipient was named */
  heardOf(sent: Sent): readonly Heard[]
  /** It arrives, once, and leaves the queue without a report. Gives it. */
  arrives(sent: Sent): Promise<string>
  /** It never arrived, and one report has come, which is like all of these. Gives it. */
  comesBack(sent: Sent, ...like: readonly RegExp[]): Promise<string>
}

export async function openBench(scope: AsyncDisposableStack, kind: ReceiverKind): Promise<Bench> {
  const certificates = await certificatesIn(temporaryFolder(scope, 'receiver-tls'))
  const world = await World.open(scope, certificates.web)
  const receiver = await kind.start(scope, certificates)
  const cut = await breakingUpstreams(scope, receiver.port)
  const routes = upstreamsYaml(receiver.port, certificates.ca, cut)
  const sender = await startSender(scope, world, certificates, receiver.port, routes)
  const copies = ({ letter }: Sent) =>
    receiver.mail().filter(mail => mail.includes(letter.mark) && !/^Return-path: <>/i.test(mail))
  return {
    kind,
    world,
    receiver,
    sender,
    copies,
    async proxied(name, face, how, policy, ...others) {
      const address = world.proxyAddress()
      const target = { address: faces[face], port: receiver.port }
      const proxy = await startFaultyProxy(scope, { address, port: receiver.port }, target, how)
      return { domain: world.domain(name, [address, ...others.map(other => faces[other])], policy), proxy }
    },
    heardOf: ({ to }) =>
      sessionsIn(receiver.heard())
        .filter(session => session.some(({ command }) => command.includes(`<${to}>`)))
        .flat(),
    async arrives(sent) {
      await eventually('it is there', () => copies(sent).length > 0)
      await sender.left(sent)
      assert.equal(copies(sent).length, 1)
      assert.deepEqual(await sender.reports(sent), [])
      return copies(sent)[0] ?? ''
    },
    async comesBack(sent, ...like) {
      const reports = await eventually('a report comes', async () => {
        const found = await sender.reports(sent)
        return found.length > 0 && found
      })
      assert.equal(reports.length, 1)
      for (const pattern of like) assert.match(reports[0] ?? '', pattern)
      assert.equal(await sender.isQueued(sent), false)
      assert.equal(copies(sent).length, 0)
      return reports[0] ?? ''
    },
  }
}

/** One process of Postfix's takes connection after connection: each begins with an EHLO that does not follow STARTTLS. */
function sessionsIn(heard: readonly Heard[]): Heard[][] {
  const sessions: Heard[][] = []
  for (const ofOne of Map.groupBy(heard, ({ pid }) => pid).values())
    for (const [at, one] of ofOne.entries())
      if (at === 0 || (one.command.startsWith('EHLO') && ofOne[at - 1]?.command !== 'STARTTLS')) sessions.push([one])
      else sessions.at(-1)?.push(one)
  return sessions
}

/** Ports of loopback behind which the server, without TLS, fails once */
async function breakingUpstreams(
  scope: AsyncDisposableStack,
  port: number,
): Promise<Record<keyof typeof upstreamFaults, number>> {
  const names = Object.keys(upstreamFaults) as (keyof typeof upstreamFaults)[]
  const ports = await freePorts(...names)
  for (const name of names) {
    const target = { address: faces.old, port }
    await startFaultyProxy(scope, { address: '127.0.0.1', port: ports[name] }, target, { fault: upstreamFaults[name] })
  }
  return ports
}
