/** How this box is, from the running state: legs in the order a letter takes them. */
import { readFileSync } from 'node:fs'
import type { Text } from '#base/text.ts'
import { zoneText } from '#mail/checks/texts.ts'
import type { StatusLeg, StatusReport } from '#mail/status.ts'
import type { RunningGateway } from './gateway.ts'
import type { RunningHome } from './home.ts'
import type { OpenListener } from './listeners.ts'
import { relayLegOfGateway, relayLegOfHome } from './relay-status.ts'
import { searchLeg } from './search-status.ts'
import { boxName, type Surroundings } from './surroundings.ts'

export type RunningParts = {
  readonly around: Surroundings
  readonly gateway: RunningGateway | undefined
  readonly home: RunningHome | undefined
  readonly listeners: readonly OpenListener[]
}

const shownEvents = 20
export const version: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

export async function statusOf(parts: RunningParts): Promise<StatusReport> {
  const { around, gateway, home, listeners } = parts
  const users = home ? await home.directory.users() : []
  const domains = home ? (await home.directory.domains()).length : (gateway?.list.domains.length ?? 0)
  return {
    box: boxName(around.config),
    version,
    startedAt: around.startedAt,
    legs: legsOf(parts, users.length),
    listeners: listeners.map(({ service, address, port }) => ({ service, address, port })),
    counts: {
      domains,
      users: users.length,
      queued: (gateway?.hold.depth ?? 0) + (home?.outbound.depth ?? 0),
      sessions: listeners.reduce((sum, listener) => sum + listener.connections(), 0),
    },
    recent: await around.events.recent(shownEvents),
  }
}

function legsOf({ around, gateway, home }: RunningParts, users: number): StatusLeg[] {
  const now = around.clock.now()
  const legs = [
    ...(gateway ? [...gatewayLegs(gateway), relayLegOfGateway(gateway.relay, now)] : []),
    ...(home ? [...homeLegs(home, users, now), relayLegOfHome(home.relay, now)] : []),
  ]
  return legs.filter(leg => leg !== undefined)
}

function gatewayLegs({ hold, home, list, checks }: RunningGateway): StatusLeg[] {
  const age = list.ageMs()
  const ignored = checks.troubledLists.map(({ zone, state }) => zoneText(zone, state))
  return [
    {
      id: 'gateway',
      health: list.domains.length > 0 && ignored.length === 0 ? 'well' : 'waiting',
      says: {
        en: `${list.domains.length} ${list.domains.length === 1 ? 'domain' : 'domains'}${age === undefined ? '' : `, list ${minutes(age).en} old`}.${ignored.map(one => ` ${one.en}`).join('')}`,
        ja: `ドメイン${list.domains.length}件${age === undefined ? '' : `、一覧は${minutes(age).ja}前のもの`}。${ignored.map(one => one.ja).join('')}`,
      },
    },
    {
      id: 'link',
      health: home.isUp === false ? 'broken' : hold.depth > 0 ? 'waiting' : 'well',
      says: linkSays(home.isUp, hold.depth),
    },
  ]
}

function linkSays(isUp: boolean | undefined, waiting: number): Text {
  if (isUp === false)
    return {
      en: `Home does not answer; ${letters(waiting)} waiting safely.`,
      ja: `自宅が応答しません。${waiting}通は安全に待機中です。`,
    }
  if (waiting > 0) return { en: `${letters(waiting)} on the way home.`, ja: `${waiting}通を自宅へ送っています。` }
  return isUp
    ? { en: 'Home answers.', ja: '自宅は応答しています。' }
    : { en: 'Not used yet.', ja: 'まだ使われていません。' }
}

function gatewayLeg({ gateways }: RunningHome, now: number): StatusLeg {
  const spoken = [...gateways.lastSpoke].map(([name, at]) => ({ name, ago: Math.max(0, now - at) }))
  const says: Text =
    spoken.length === 0
      ? { en: 'Has not spoken yet.', ja: 'まだ連絡がありません。' }
      : {
          en: spoken.map(({ name, ago }) => `${name} spoke ${minutes(ago).en} ago.`).join(' '),
          ja: spoken.map(({ name, ago }) => `${name}から${minutes(ago).ja}前に連絡。`).join(''),
        }
  return { id: 'gateway', health: 'well', says }
}

function homeLegs(home: RunningHome, users: number, now: number): StatusLeg[] {
  const { outbound } = home
  return [
    ...(home.gateways.configured > 0 ? [gatewayLeg(home, now)] : []),
    homeLeg(home, now),
    {
      id: 'mailboxes',
      health: users > 0 ? 'well' : 'waiting',
      says: { en: users === 1 ? '1 account.' : `${users} accounts.`, ja: `アカウント${users}件。` },
    },
    searchLeg(home.accounts.searchLag),
    {
      id: 'outbound',
      health: outbound.depth > 0 ? 'waiting' : 'well',
      says:
        outbound.depth > 0
          ? { en: `${letters(outbound.depth)} waiting to leave.`, ja: `${outbound.depth}通が送信待ちです。` }
          : { en: 'Nothing waits.', ja: '待っているものはありません。' },
    },
  ]
}

const scannerNames = { rspamd: 'Rspamd', clamav: 'ClamAV' } as const

function homeLeg({ content }: RunningHome, now: number): StatusLeg {
  const absent = content.scanners().filter(({ absentSince }) => absentSince !== undefined)
  if (absent.length === 0)
    return { id: 'home', health: 'well', says: { en: 'Taking mail in.', ja: 'メールを受け付けています。' } }
  const about = absent.map(({ name, absentSince = now }) => ({
    name: scannerNames[name],
    ago: minutes(Math.max(0, now - absentSince)),
  }))
  return {
    id: 'home',
    health: 'waiting',
    says: {
      en: `Taking mail in. ${about.map(({ name, ago }) => `${name} has not answered for ${ago.en}.`).join(' ')}`,
      ja: `メールを受け付けています。${about.map(({ name, ago }) => `${name}が${ago.ja}前から応答していません。`).join('')}`,
    },
  }
}

function letters(count: number): string {
  return count === 1 ? '1 letter is' : `${count} letters are`
}

function minutes(ms: number): Text {
  const count = Math.round(ms / 60_000)
  return { en: `${count} min`, ja: `${count}分` }
}
