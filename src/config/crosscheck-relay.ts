/** Mail that home sends through its gateway: what the two sides must say for it. */
import type { Finding, Parts } from './crosscheck.ts'
import { proved } from './crosscheck-peers.ts'

/** The name of our own gateway among upstreams, as in mail/routes.ts */
export const gatewayName = 'gateway'

/** Home's way out through the gateway. */
export function* wayOut({ role, outbound }: Parts): Iterable<Finding> {
  if (!outbound) return
  for (const [index, { name }] of outbound.upstreams.entries())
    if (name === gatewayName)
      yield {
        code: 'CONF-CONFLICT',
        path: ['outbound', 'upstreams', index, 'name'],
        text: {
          en: 'gateway is the name of our own gateway (outbound.gateway); give the upstream another',
          ja: 'gateway は自分のゲートウェイ(outbound.gateway)の名前です。中継サービスには別の名前を付けてください',
        },
      }
  if (role && !role.includes('home')) return
  const { gateway } = outbound
  for (const [index, { via }] of outbound.routes.entries())
    if (!gateway && (via === gatewayName || (via !== 'mx' && via.includes(gatewayName))))
      yield {
        code: 'CONF-MISSING',
        path: ['outbound', 'routes', index, 'via'],
        text: {
          en: 'via: gateway needs the way to the gateway: outbound.gateway, such as url: lmtps://gateway.example.com:2525',
          ja: 'via: gateway にはゲートウェイへの道が必要です。outbound.gateway を書いてください(例: url: lmtps://gateway.example.com:2525)',
        },
      }
  if (gateway?.url.kind === 'unix')
    yield {
      code: 'CONF-CONFLICT',
      path: ['outbound', 'gateway', 'url'],
      text: {
        en: 'the gateway takes mail over TLS only: write lmtp:// or lmtps://',
        ja: 'ゲートウェイはTLSでだけ受け付けます。lmtp:// か lmtps:// で書いてください',
      },
    }
  if (gateway && !gateway.clientCertificate && !gateway.sasl)
    yield {
      code: 'CONF-MISSING',
      path: ['outbound', 'gateway'],
      text: {
        en: 'nothing proves home to the gateway: name clientCertificate or sasl',
        ja: 'homeがゲートウェイに名乗る手段がありません。clientCertificate か sasl を書いてください',
      },
    }
}

/** The gateway's side of it. */
export function* relayed({ role, listen = [], gateway }: Parts): Iterable<Finding> {
  if (!gateway || !role?.includes('gateway')) return
  const at = listen.findIndex(({ service }) => service === 'relay')
  if (at >= 0 && gateway.relay.clients.length === 0)
    yield {
      code: 'CONF-MISSING',
      path: ['gateway', 'relay', 'clients'],
      text: {
        en: 'relay listens, but no home may use it: name it here with clientCertificate or saslPasswordFile',
        ja: 'relay が待ち受けていますが、使えるhomeがありません。clientCertificate か saslPasswordFile と共にここに書いてください',
      },
    }
  if (at >= 0 && role.includes('home'))
    yield {
      code: 'CONF-CONFLICT',
      path: ['listen', at, 'service'],
      text: {
        en: 'with both roles in one process mail leaves from here anyway: remove relay, and use via: mx',
        ja: '両方の役割が1つのプロセスにある場合、メールは元からここを出ます。relay を消し、via: mx を使ってください',
      },
    }
  yield* proved(gateway.relay.clients, ['gateway', 'relay', 'clients'], {
    en: 'nothing proves this home: name clientCertificate, clientCertificateFile or saslPasswordFile',
    ja: 'このhomeを確かめる手段がありません。clientCertificate、clientCertificateFile、saslPasswordFile のどれかを書いてください',
  })
}
