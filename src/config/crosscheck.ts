/** What no single key shows: settings that contradict each other. Sections that did not parse are absent here. */
import type { Text } from '#base/text.ts'
import type { ProblemCode } from './problem.ts'
import type { ConfigValues } from './schema.ts'
import { proved } from './crosscheck-peers.ts'
import { gatewayName, relayed, wayOut } from './crosscheck-relay.ts'
import { gatewayServices, homeServices, type LmtpListener, tlsServices } from './sections/listen.ts'
import { isLoopback } from './values.ts'
import type { PathKeys } from './walk.ts'

export type Finding = {
  readonly code: ProblemCode
  readonly severity?: 'warning'
  readonly path: PathKeys
  readonly text: Text
}

export type Parts = { readonly [Key in keyof ConfigValues]?: ConfigValues[Key] }

export function crossCheck(parts: Parts): readonly Finding[] {
  return [
    ...listeners(parts),
    ...doubledPorts(parts),
    ...certificates(parts),
    ...wayHome(parts),
    ...knownDomains(parts),
    ...gateways(parts),
    ...routes(parts),
    ...relayed(parts),
    ...wayOut(parts),
    ...believedByAll(parts),
  ]
}

function* listeners({ listen = [], role }: Parts): Iterable<Finding> {
  for (const [index, listener] of listen.entries()) {
    if (listener.service === 'lmtp') yield* lmtpListener(listener, index)
    const isPlain = listener.service === 'imap' || listener.service === 'http'
    if (isPlain && listener.loginWithoutTls && !isLoopback(listener.address))
      yield {
        code: 'CONF-CONFLICT',
        path: ['listen', index, 'loginWithoutTls'],
        text: {
          en: 'passwords may cross without TLS on 127.0.0.1 and ::1 only',
          ja: 'TLS無しのログインは 127.0.0.1 と ::1 でのみ使えます',
        },
      }
    const allowed = role?.flatMap(word => (word === 'gateway' ? gatewayServices : homeServices))
    if (!allowed || allowed.includes(listener.service)) continue
    yield {
      code: 'CONF-CONFLICT',
      path: ['listen', index, 'service'],
      text: {
        en: `${listener.service} does not belong to the role ${role?.join()}: users and mailboxes are at home, the internet at the gateway`,
        ja: `${listener.service} は役割 ${role?.join()} のものではありません。利用者とメールボックスはhome、インターネット側はgatewayです`,
      },
    }
  }
}

function* lmtpListener(listener: LmtpListener, index: number): Iterable<Finding> {
  const path = ['listen', index]
  const { address } = listener
  if ((address === undefined) === (listener.path === undefined))
    yield {
      code: address === undefined ? 'CONF-MISSING' : 'CONF-CONFLICT',
      path,
      text: {
        en: 'exactly one of address and path is wanted',
        ja: 'address と path のどちらか一方だけを書いてください',
      },
    }
  if (address === undefined || isLoopback(address)) return
  if (listener.unauthenticated)
    yield {
      code: 'LMTP-EXPOSED',
      path: [...path, 'unauthenticated'],
      text: {
        en: `LMTP would be open to the network at ${address}: without login it may listen on 127.0.0.1, ::1 or a unix socket only`,
        ja: `LMTPが ${address} で外部に公開されます。ログイン無しで待ち受けられるのは 127.0.0.1、::1、UNIXソケットだけです`,
      },
    }
  if (listener.tls === 'off')
    yield {
      code: 'CONF-CONFLICT',
      path: [...path, 'tls'],
      text: {
        en: 'without TLS LMTP may listen on loopback or a unix socket only',
        ja: 'TLS無しのLMTPはループバックかUNIXソケットだけです',
      },
    }
  if (address === '*' || address === '0.0.0.0' || address === '::')
    yield {
      code: 'LMTP-EXPOSED',
      severity: 'warning',
      path: [...path, 'address'],
      text: {
        en: 'LMTP listens on every address; the address of the tunnel to the gateway is enough',
        ja: 'LMTPがすべてのアドレスで待ち受けます。ゲートウェイへのトンネルのアドレスだけで足ります',
      },
    }
}

function* doubledPorts({ listen = [] }: Parts): Iterable<Finding> {
  const seen = new Map<string, string>()
  for (const [index, listener] of listen.entries()) {
    const isSocket = listener.service === 'lmtp' && listener.path !== undefined
    if (listener.port === 0 || isSocket) continue
    const place = `${listener.address} ${listener.port}`
    const first = seen.get(place)
    if (first !== undefined)
      yield {
        code: 'CONF-CONFLICT',
        path: ['listen', index],
        text: {
          en: `port ${listener.port} is already taken by ${first}`,
          ja: `ポート ${listener.port} は ${first} が使っています`,
        },
      }
    seen.set(place, listener.service)
  }
}

function* certificates({ tls, listen = [] }: Parts): Iterable<Finding> {
  if (!tls || tls.localCa || tls.certificates.length > 0) return
  const needing = listen.filter(
    listener =>
      tlsServices.includes(listener.service) ||
      (listener.service === 'lmtp' && listener.tls !== 'off' && !listener.path),
  )
  if (needing.length === 0) return
  const names = [...new Set(needing.map(listener => listener.service))].join(', ')
  yield {
    code: 'CONF-MISSING',
    path: ['tls', 'certificates'],
    text: {
      en: `a certificate is needed for ${names}: name its files here, or set localCa: true`,
      ja: `${names} には証明書が必要です。ここにファイルを書くか、localCa: true にしてください`,
    },
  }
}

function* wayHome({ role, gateway }: Parts): Iterable<Finding> {
  if (!role || !gateway || !role.includes('gateway')) return
  if (!role.includes('home') && !gateway.home)
    yield {
      code: 'CONF-MISSING',
      path: ['gateway', 'home', 'url'],
      text: {
        en: 'a gateway needs the way home, such as url: lmtps://home.example.com:2525',
        ja: 'ゲートウェイにはhomeへの道が必要です(例: url: lmtps://home.example.com:2525)',
      },
    }
  if (role.includes('home') && gateway.home)
    yield {
      code: 'CONF-CONFLICT',
      path: ['gateway', 'home'],
      text: {
        en: 'with both roles in one process mail goes home without a socket: remove this, or run two processes',
        ja: '両方の役割が1つのプロセスにある場合、homeへはソケット無しで渡ります。これを消すか、2つのプロセスに分けてください',
      },
    }
}

function* knownDomains({ role, gateway, home }: Parts): Iterable<Finding> {
  if (!role?.includes('gateway') || !gateway || !home) return
  if (gateway.recipientsFile ?? home.recipientsFile ?? gateway.domains[0]) return
  yield {
    code: 'CONF-MISSING',
    severity: 'warning',
    path: ['gateway', 'recipientsFile'],
    text: {
      en: 'the gateway knows no domain and would refuse all mail: name the file that home writes, or domains',
      ja: 'ゲートウェイがドメインを1つも知らず、すべてのメールを断ります。homeが書くファイルか domains を書いてください',
    },
  }
}

function gateways({ home }: Parts): Iterable<Finding> {
  return proved(home?.gateways ?? [], ['home', 'gateways'], {
    en: 'nothing proves this gateway: name clientCertificate, clientCertificateFile or saslPasswordFile',
    ja: 'このゲートウェイを確かめる手段がありません。clientCertificate、clientCertificateFile、saslPasswordFile のどれかを書いてください',
  })
}

function* routes({ outbound }: Parts): Iterable<Finding> {
  if (!outbound) return
  const names = outbound.upstreams.map(upstream => upstream.name)
  for (const [index, name] of names.entries())
    if (names.indexOf(name) < index)
      yield {
        code: 'CONF-CONFLICT',
        path: ['outbound', 'upstreams', index, 'name'],
        text: { en: `${name} is there twice`, ja: `${name} が二つあります` },
      }
  for (const [index, route] of outbound.routes.entries()) {
    if (route.via === 'mx' || route.via === 'gateway') continue
    for (const [position, name] of route.via.entries())
      if (name !== gatewayName && !names.includes(name))
        yield {
          code: 'CONF-CONFLICT',
          path: ['outbound', 'routes', index, 'via', position],
          text: { en: `no upstream is called ${name}`, ja: `${name} という中継サービスはありません` },
        }
  }
}

/** A proxy is believed whomever it names: a list of everybody would let each stranger choose who they are. */
function* believedByAll({ listen = [], gateway }: Parts): Iterable<Finding> {
  const lists: { readonly path: PathKeys; readonly networks: readonly string[] }[] = listen.flatMap(
    (listener, index) => ('proxy' in listener ? [{ path: ['listen', index, 'proxy'], networks: listener.proxy }] : []),
  )
  if (gateway) lists.push({ path: ['gateway', 'checks', 'xclientFrom'], networks: gateway.checks.xclientFrom })
  for (const { path, networks } of lists)
    for (const [index, network] of networks.entries())
      if (network.endsWith('/0'))
        yield {
          code: 'CONF-CONFLICT',
          path: [...path, index],
          text: {
            en: `${network} is everybody: each stranger could choose an address; name the proxies`,
            ja: `${network} はすべての相手です。誰でもアドレスを名乗れてしまいます。プロキシだけを書いてください`,
          },
        }
}
