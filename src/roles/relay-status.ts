/** How mail leaves through the gateway, as each of the two boxes sees it: in words for people, and in figures. */
import type { MetricsRegistry } from '#base/metrics.ts'
import type { Text } from '#base/text.ts'
import type { RelayTally } from '#mail/relay/tally.ts'
import type { RelayTroubleCode } from '#mail/relay/watch.ts'
import type { StatusLeg } from '#mail/status.ts'
import type { RelayWay } from './outbound.ts'
import type { OpenedRelay } from './relay.ts'

type RelayState = OpenedRelay['state']

/** Undefined where home does not send through a gateway. */
export function relayLegOfHome({ isConfigured, waiting, watch }: RelayWay, now: number): StatusLeg | undefined {
  if (!isConfigured) return undefined
  const { lastUsedAt, tally, trouble } = watch
  const used = lastUsed(lastUsedAt, now)
  const waits: Text | undefined = waiting > 0 ? { en: `${waiting} waiting.`, ja: `${waiting}通が待機中。` } : undefined
  const why: Text | undefined = trouble && {
    en: `${troubleTexts[trouble.code].en} for ${minutes(now - trouble.since).en} (${trouble.code}: ${trouble.words}). Mail waits at home.`,
    ja: `${minutes(now - trouble.since).ja}前から${troubleTexts[trouble.code].ja}(${trouble.code}: ${trouble.words})。メールは自宅で待機します。`,
  }
  return {
    id: 'relay',
    health: trouble ? 'broken' : waiting > 0 ? 'waiting' : 'well',
    says: joined([why, used, waits, counted(tally)]),
  }
}

/** Undefined where the gateway does not relay. */
export function relayLegOfGateway(state: RelayState | undefined, now: number): StatusLeg | undefined {
  if (!state) return undefined
  const { lastUsed: byHome, refused, tally, underWay } = state
  const sent = [...byHome].map(([name, at]): Text => {
    const ago = minutes(now - at)
    return { en: `${name} sent ${ago.en} ago.`, ja: `${name}が${ago.ja}前に送信。` }
  })
  const going: Text | undefined =
    underWay > 0 ? { en: `${underWay} under way.`, ja: `${underWay}通を中継中。` } : undefined
  const away: Text | undefined =
    refused.size > 0
      ? {
          en: `Sent away: ${[...refused].map(([code, count]) => `${count} ${code}`).join(', ')}.`,
          ja: `後回し: ${[...refused].map(([code, count]) => `${code} ${count}件`).join('、')}。`,
        }
      : undefined
  const said = sent.length > 0 ? sent : [lastUsed(undefined, now)]
  return { id: 'relay', health: 'well', says: joined([...said, going, counted(tally), away]) }
}

const troubleTexts: Readonly<Record<RelayTroubleCode, Text>> = {
  'NET-RELAY': { en: 'The gateway cannot be reached', ja: 'ゲートウェイに接続できません' },
  'RELAY-AUTH': {
    en: 'The gateway does not know this home (certificate or login)',
    ja: 'ゲートウェイがこのhomeを認めません。証明書かログインを確かめてください',
  },
  'RELAY-BUSY': {
    en: 'The gateway has enough under way (gateway.relay.atOnce)',
    ja: 'ゲートウェイの同時中継数が上限に達しています(gateway.relay.atOnce)',
  },
  'RELAY-RATE': {
    en: 'This hour’s recipients are used up (gateway.relay.recipientsPerHour)',
    ja: '1時間の宛先数が上限に達しています(gateway.relay.recipientsPerHour)',
  },
}

function lastUsed(at: number | undefined, now: number): Text {
  if (at === undefined) return { en: 'Not used yet.', ja: 'まだ使われていません。' }
  const ago = minutes(now - at)
  return { en: `Last used ${ago.en} ago.`, ja: `最後の利用は${ago.ja}前。` }
}

function counted({ deferred, delivered, failed }: Readonly<RelayTally>): Text | undefined {
  if (delivered + deferred + failed === 0) return undefined
  return {
    en: `Recipients since the start: ${delivered} delivered, ${deferred} to be tried again, ${failed} refused.`,
    ja: `起動後の宛先: 配達${delivered}、再試行${deferred}、拒否${failed}。`,
  }
}

function joined(sentences: readonly (Text | undefined)[]): Text {
  const there = sentences.filter(sentence => sentence !== undefined)
  return { en: there.map(({ en }) => en).join(' '), ja: there.map(({ ja }) => ja).join('') }
}

function minutes(ms: number): Text {
  const count = Math.max(0, Math.round(ms / 60_000))
  return { en: `${count} min`, ja: `${count}分` }
}

/** One of the two is there: a box that has both roles does not relay for itself. Home may learn of its gateway while it runs. */
export function addRelayMetrics(
  metrics: MetricsRegistry,
  { atHome, atGateway }: { readonly atHome: RelayWay | undefined; readonly atGateway: RelayState | undefined },
): void {
  if (atGateway) addGatewayMetrics(metrics, atGateway)
  else if (atHome) addHomeMetrics(metrics, atHome)
}

const recipientsHelp = 'Recipients of mail through the gateway since the start, by result'
const lastUsedHelp = 'When mail last went through the gateway, seconds since 1970'

function addGatewayMetrics(metrics: MetricsRegistry, state: RelayState): void {
  metrics.gauge('hikyaku_relay_recipients', recipientsHelp, () => byResult(state.tally))
  metrics.gauge('hikyaku_relay_last_used_seconds', lastUsedHelp, () =>
    [...state.lastUsed].map(([home, at]) => ({ labels: { home }, value: Math.floor(at / 1000) })),
  )
  metrics.gauge('hikyaku_relay_under_way', 'Messages of home that are being sent on', () => state.underWay)
  metrics.gauge('hikyaku_relay_refused', 'What was sent away since the start before anybody was asked, by reason', () =>
    [...state.refused].map(([reason, value]) => ({ labels: { reason }, value })),
  )
}

function addHomeMetrics(metrics: MetricsRegistry, way: RelayWay): void {
  const { watch } = way
  const whenConfigured = (value: () => number) => () => (way.isConfigured ? [{ labels: {}, value: value() }] : [])
  metrics.gauge('hikyaku_relay_recipients', recipientsHelp, () => (way.isConfigured ? byResult(watch.tally) : []))
  metrics.gauge(
    'hikyaku_relay_last_used_seconds',
    lastUsedHelp,
    whenConfigured(() => Math.floor((watch.lastUsedAt ?? 0) / 1000)),
  )
  metrics.gauge(
    'hikyaku_relay_up',
    '1 when the gateway took our outgoing mail last, 0 when it did not',
    whenConfigured(() => (watch.trouble ? 0 : 1)),
  )
  metrics.gauge(
    'hikyaku_relay_waiting',
    'Messages that wait to leave through the gateway',
    whenConfigured(() => way.waiting),
  )
}

function byResult(tally: Readonly<RelayTally>) {
  const results = ['delivered', 'deferred', 'failed'] as const
  return results.map(result => ({ labels: { result }, value: tally[result] }))
}
