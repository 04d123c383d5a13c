import { z } from 'zod'
import { key } from '../key.ts'
import { bindAddress, network, path, port } from '../values.ts'

const addressDoc = {
  en: 'The address to listen on; * (in quotes) is every address, IPv4 and IPv6.',
  ja: '待ち受けるアドレス。"*" は IPv4・IPv6 のすべてです。',
  example: '192.0.2.10',
  type: 'IP address',
}

const proxy = key(z.array(network).max(64).default([]), {
  en: 'Load balancers that must say whose connection they bring (PROXY protocol, version 1 or 2): their addresses or networks. The client’s true address then counts for limits, logs and checks. Without the header such a connection is closed; from others the header is an error.',
  ja: 'PROXYプロトコル(v1・v2)で接続元を名乗るロードバランサーのアドレスまたはネットワーク。制限・ログ・検査には本当の接続元を使います。ここに書いた相手はヘッダーが無ければ切断し、書いていない相手のヘッダーはエラーにします。',
  example: '[10.0.0.5, 2001:db8::/64]',
  type: 'list of networks',
})

function tcp<Service extends string>(service: Service, standardPort: number, en: string, ja: string) {
  return key(
    z.strictObject({
      service: key(z.literal(service), { en, ja }),
      address: key(bindAddress.default('*'), addressDoc),
      port: key(port.default(standardPort), {
        en: 'TCP port; 0 takes a free one.',
        ja: 'TCPポート。0 は空きポートです。',
      }),
      proxy,
    }),
    { en, ja },
  )
}

const lmtp = key(
  z.strictObject({
    service: key(z.literal('lmtp'), { en: 'Mail from the gateway (LMTP).', ja: 'ゲートウェイからのメール(LMTP)。' }),
    address: key(bindAddress.optional(), {
      en: 'The address to listen on: the tunnel’s, never a public one. Either this or path.',
      ja: '待ち受けるアドレス。公開アドレスではなくトンネルのものにします。path とどちらか一方です。',
      example: '100.64.0.1',
      type: 'IP address',
    }),
    port: key(port.default(2525), { en: 'TCP port.', ja: 'TCPポート。' }),
    path: key(path.optional(), {
      en: 'A unix socket instead of an address; whoever may open it needs no login.',
      ja: 'アドレスの代わりのUNIXソケット。開ける者にログインは求めません。',
      example: './lmtp.sock',
      kind: 'path',
    }),
    proxy,
    tls: key(z.enum(['starttls', 'implicit', 'off']).default('starttls'), {
      en: 'How TLS begins: by STARTTLS, at once, or not at all (loopback and unix sockets only).',
      ja: 'TLSの始め方。STARTTLS、最初から、または無し(ループバックとUNIXソケットのみ)。',
    }),
    unauthenticated: key(z.boolean().default(false), {
      en: 'Takes mail for our own recipients without client certificate or login. Loopback only, and it never relays.',
      ja: 'クライアント証明書もログインも無しで自分の宛先へのメールを受けます。ループバックのみ。中継はしません。',
    }),
  }),
  { en: 'Mail from the gateway (LMTP).', ja: 'ゲートウェイからのメール(LMTP)。' },
)

const relayText = [
  'Mail that our home sends through this gateway (LMTP, gateway.relay). TLS always.',
  'homeがこのゲートウェイ経由で送るメール(LMTP、gateway.relay)。常にTLS。',
] as const
const relay = key(
  z.strictObject({
    service: key(z.literal('relay'), { en: relayText[0], ja: relayText[1] }),
    address: key(bindAddress, {
      en: 'The address to listen on; the tunnel’s where there is one.',
      ja: '待ち受けるアドレス。トンネルがあればそのアドレス。',
      example: '100.64.0.2',
      type: 'IP address',
    }),
    port: key(port.default(2525), { en: 'TCP port; 0 takes a free one.', ja: 'TCPポート。0 は空きポートです。' }),
    proxy,
    tls: key(z.enum(['starttls', 'implicit']).default('starttls'), {
      en: 'How TLS begins: by STARTTLS, or at once.',
      ja: 'TLSの始め方。STARTTLS、または最初から。',
    }),
  }),
  { en: relayText[0], ja: relayText[1] },
)

const admin = key(
  z.strictObject({
    service: key(z.literal('admin'), {
      en: 'Health and metrics: /healthz, /readyz, /metrics. Nothing else is answered here.',
      ja: '稼働確認と計測値(/healthz、/readyz、/metrics)。それ以外には答えません。',
    }),
    address: key(bindAddress.default('127.0.0.1'), addressDoc),
    port: key(port, { en: 'TCP port.', ja: 'TCPポート。', example: '9464' }),
  }),
  {
    en: 'Health and metrics. The command line uses admin.sock in the data folder, which is always there.',
    ja: '稼働確認と計測値。コマンドラインはデータフォルダの admin.sock を使い、これは常にあります。',
  },
)

const imapText = ['IMAP, TLS by STARTTLS before login.', 'IMAP(ログイン前にSTARTTLS)。'] as const
const imap = key(
  z.strictObject({
    service: key(z.literal('imap'), { en: imapText[0], ja: imapText[1] }),
    address: key(bindAddress.default('*'), addressDoc),
    port: key(port.default(143), { en: 'TCP port; 0 takes a free one.', ja: 'TCPポート。0 は空きポートです。' }),
    proxy,
    loginWithoutTls: key(z.boolean().default(false), {
      en: 'Passwords may cross without TLS. For programs on this machine; only with a loopback address.',
      ja: 'TLS無しのログインを許します。同じマシンのプログラム用で、ループバックアドレスでのみ使えます。',
    }),
  }),
  { en: imapText[0], ja: imapText[1] },
)

const httpText = [
  'Web without TLS, for a reverse proxy on this machine: the webmail, JMAP, and the status page (/status).',
  'TLS無しのWeb(同じマシンのリバースプロキシ用)。ウェブメール、JMAP、稼働状況のページ(/status)。',
] as const
const http = key(
  z.strictObject({
    service: key(z.literal('http'), { en: httpText[0], ja: httpText[1] }),
    address: key(bindAddress.default('127.0.0.1'), addressDoc),
    port: key(port.default(80), { en: 'TCP port; 0 takes a free one.', ja: 'TCPポート。0 は空きポートです。' }),
    proxy,
    loginWithoutTls: key(z.boolean().default(false), {
      en: 'JMAP takes passwords here, for a reverse proxy on this machine that speaks TLS; only with a loopback address.',
      ja: 'ここでもJMAPのログインを許します。TLSを受け持つ同じマシンのリバースプロキシ用で、ループバックアドレスでのみ使えます。',
    }),
    forwardedBy: key(z.array(network).max(64).default([]), {
      en: 'Reverse proxies, by their addresses or networks, whose X-Forwarded-For says whose request they bring: its last address then counts for limits, logs and the list of sessions. From others the header counts for nothing. `hikyaku config nginx` prints what the proxy needs.',
      ja: 'X-Forwarded-For で接続元を伝えるリバースプロキシのアドレスまたはネットワーク。その最後のアドレスを制限・ログ・ログイン中の一覧に使います。ほかの相手のヘッダーは無視します。プロキシ側の設定は hikyaku config nginx で表示できます。',
      example: '[127.0.0.1]',
      type: 'list of networks',
    }),
  }),
  { en: httpText[0], ja: httpText[1] },
)

export const listener = z.discriminatedUnion('service', [
  tcp('mx', 25, 'Mail from the internet (SMTP, STARTTLS offered).', 'インターネットからのメール(SMTP、STARTTLS可)。'),
  lmtp,
  relay,
  tcp('submission', 587, 'Mail from our users, TLS by STARTTLS.', '利用者からの送信(STARTTLS必須)。'),
  tcp('submissions', 465, 'Mail from our users, TLS at once.', '利用者からの送信(最初からTLS)。'),
  imap,
  tcp('imaps', 993, 'IMAP, TLS at once.', 'IMAP(最初からTLS)。'),
  tcp('pop3', 110, 'POP3, TLS by STLS before login.', 'POP3(ログイン前にSTLS)。'),
  tcp('pop3s', 995, 'POP3, TLS at once.', 'POP3(最初からTLS)。'),
  tcp('managesieve', 4190, 'Mail filters (ManageSieve), TLS by STARTTLS.', 'メール振り分け(ManageSieve、STARTTLS)。'),
  http,
  tcp(
    'https',
    443,
    'The webmail, and JMAP for mail programs; TLS at once.',
    'ウェブメールと、メールソフト用のJMAP(最初からTLS)。',
  ),
  admin,
])

export type Listener = z.output<typeof listener>
export type ListenerService = Listener['service']
export type LmtpListener = Extract<Listener, { service: 'lmtp' }>

/** Services that only one of the two roles may offer. */
export const gatewayServices: readonly ListenerService[] = ['mx', 'relay', 'admin']
export const homeServices: readonly ListenerService[] = [
  'lmtp',
  'submission',
  'submissions',
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'managesieve',
  'http',
  'https',
  'admin',
]
/** Services that cannot run without a certificate of our own. */
export const tlsServices: readonly ListenerService[] = [
  'relay',
  'submission',
  'submissions',
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'managesieve',
  'https',
]
