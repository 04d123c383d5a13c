import { z } from 'zod'
import { lmtpEndpoint } from '../endpoint.ts'
import { key } from '../key.ts'
import { certificateFiles } from './tls.ts'
import { hostName, isLoopback, path, port, refuse, shortName, that } from '../values.ts'

/** What is known of each service. `host` and `username` undefined: they are the customer's own. */
const presets = {
  plain: { host: undefined, port: 587, username: undefined },
  sendgrid: { host: 'smtp.sendgrid.net', port: 587, username: 'apikey' },
  // its host carries the region
  ses: { host: undefined, port: 587, username: undefined },
  mailgun: { host: 'smtp.mailgun.org', port: 587, username: undefined },
  // the customer's first domain, NAME.sakura.ne.jp; the user name is a whole address
  sakura: { host: undefined, port: 587, username: undefined },
  postmark: { host: 'smtp.postmarkapp.com', port: 587, username: undefined },
} as const

const upstreamShape = z.strictObject({
  name: key(shortName, {
    en: 'How routes and the queue call it.',
    ja: '経路とキューでの呼び名。',
    example: 'sendgrid',
  }),
  preset: key(z.enum(['plain', 'sendgrid', 'ses', 'mailgun', 'sakura', 'postmark']).default('plain'), {
    en: 'Fills in what is the same for all customers. sendgrid: host and username. ses: host from region; username and password are SMTP credentials, not access keys. mailgun: host (in the EU host is smtp.eu.mailgun.org); username is an address of your domain. sakura (さくらのレンタルサーバ): host is your first domain, NAME.sakura.ne.jp; username is the whole mail address. postmark: host; username and password are both the server token.',
    ja: 'どの契約者にも共通な項目を補います。sendgrid: host と username。ses: region から host。username と password はSMTP認証情報(アクセスキーではありません)。mailgun: host(EUでは host に smtp.eu.mailgun.org)。username は自分のドメインのアドレス。sakura(さくらのレンタルサーバ): host は初期ドメイン(NAME.sakura.ne.jp)、username はメールアドレス全体。postmark: host。username も password もサーバートークン。',
  }),
  region: key(
    z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/)
      .optional(),
    {
      en: 'Region of Amazon SES.',
      ja: 'Amazon SES のリージョン。',
      example: 'ap-northeast-1',
    },
  ),
  host: key(z.string().min(1).optional(), {
    en: 'Its host name; must stand in its certificate.',
    ja: 'ホスト名。証明書の名前と一致する必要があります。',
    example: 'smtp.example.net',
  }),
  port: key(port.min(1).optional(), {
    en: 'TCP port; 587 unless told.',
    ja: 'TCPポート。指定が無ければ587。',
    example: '587',
  }),
  tls: key(z.enum(['starttls', 'implicit', 'none-on-loopback-only']).default('starttls'), {
    en: 'How TLS begins; always demanded and verified.',
    ja: 'TLSの始め方。TLSと検証は必ず行います。',
  }),
  ca: key(path.optional(), {
    en: 'CA by which it is verified, PEM, when the system’s do not know it.',
    ja: 'システムのCAで検証できない場合のCA(PEM)。',
    kind: 'file',
  }),
  username: key(z.string().min(1).optional(), { en: 'Login name.', ja: 'ログイン名。', example: 'apikey' }),
  password: key(z.string().min(1).optional(), {
    en: 'Password, only as ${file:PATH} or ${env:NAME}.',
    ja: 'パスワード。${file:PATH} か ${env:NAME} でのみ書けます。',
    example: '${env:RELAY_PASSWORD}',
    kind: 'secret',
  }),
  passwordFile: key(path.optional(), {
    en: 'File with the password or API key.',
    ja: 'パスワードまたはAPIキーのファイル。',
    example: './secrets/sendgrid.key',
    kind: 'secret-file',
  }),
})

const upstream = key(
  upstreamShape.transform((upstream, context) => {
    const preset = presets[upstream.preset]
    const inRegion = upstream.preset === 'ses' && upstream.region !== undefined
    const host = upstream.host ?? (inRegion ? `email-smtp.${upstream.region}.amazonaws.com` : preset.host)
    const username = upstream.username ?? preset.username
    if (host === undefined && upstream.preset === 'ses')
      refuse(context, { en: 'region is missing', ja: 'region がありません' }, 'CONF-MISSING')
    else if (host === undefined) refuse(context, { en: 'host is missing', ja: 'host がありません' }, 'CONF-MISSING')
    if (username === undefined && upstream.preset !== 'plain')
      refuse(context, { en: 'username is missing', ja: 'username がありません' }, 'CONF-MISSING')
    if (upstream.tls === 'none-on-loopback-only' && !isLoopback(host ?? ''))
      refuse(
        context,
        {
          en: 'without TLS only 127.0.0.1, ::1 and localhost can be used',
          ja: 'TLS無しで使えるのは 127.0.0.1、::1、localhost だけです',
        },
        'CONF-CONFLICT',
      )
    const hasPassword = upstream.password !== undefined || upstream.passwordFile !== undefined
    if (username !== undefined && !hasPassword)
      refuse(context, { en: 'passwordFile is missing', ja: 'passwordFile がありません' }, 'CONF-MISSING')
    return { ...upstream, host: host ?? '', port: upstream.port ?? preset.port, username }
  }),
  { en: 'One upstream.', ja: '中継サービス1つ。' },
)

const route = z.strictObject({
  from: key(z.string().min(3).optional(), {
    en: 'Only mail from this address.',
    ja: 'この差出人アドレスからのメールだけ。',
    example: 'shop@example.com',
  }),
  fromDomain: key(hostName.optional(), { en: 'Only mail from this domain.', ja: 'このドメインからのメールだけ。' }),
  toDomain: key(hostName.optional(), { en: 'Only mail to this domain.', ja: 'このドメイン宛てのメールだけ。' }),
  via: key(z.union([z.literal(['mx', 'gateway']), z.array(shortName).min(1).max(16)]), {
    en: 'Names of upstreams, tried in order; or mx: straight to the recipient’s mail servers; or gateway: to them from our gateway (outbound.gateway), whose name may also stand in a list.',
    ja: '中継サービスの名前を試す順に。mx は宛先のメールサーバーへ直接、gateway は自分のゲートウェイから(outbound.gateway)送ります。gateway は順番の中にも書けます。',
    type: 'mx, gateway or list of names',
    example: '[sendgrid]',
  }),
})

const gatewayPeer = z.strictObject({
  url: key(lmtpEndpoint, {
    en: 'Where its relay listens: lmtp://host:port (STARTTLS) or lmtps://host:port (TLS at once).',
    ja: 'ゲートウェイのrelayの場所。lmtp://host:port(STARTTLS)か lmtps://host:port(最初からTLS)。',
    example: 'lmtps://gateway.example.com:2525',
    type: 'LMTP address',
    kind: 'endpoint',
  }),
  clientCertificate: key(certificateFiles.optional(), {
    en: 'The certificate with which home proves itself to the gateway.',
    ja: 'homeがゲートウェイに名乗るための証明書。',
  }),
  sasl: key(
    z
      .strictObject({
        username: key(shortName, { en: 'Login name at the gateway.', ja: 'ゲートウェイでのログイン名。' }),
        passwordFile: key(path, { en: 'File with the password.', ja: 'パスワードのファイル。', kind: 'secret-file' }),
      })
      .optional(),
    { en: 'Login at the gateway instead of a client certificate.', ja: 'クライアント証明書の代わりに使うログイン。' },
  ),
  ca: key(path.optional(), {
    en: 'The CA (or the very certificate) by which the gateway is verified, PEM; the system’s CAs when absent. There is no way to skip the check.',
    ja: 'ゲートウェイを検証するCA(または証明書そのもの、PEM)。無ければシステムのCA。検証を省く設定はありません。',
    kind: 'file',
  }),
  serverName: key(hostName.optional(), {
    en: 'The name that must stand in the gateway’s certificate, when it is not the host of url.',
    ja: 'ゲートウェイの証明書にあるべき名前(url のホスト名と違う場合)。',
  }),
})

const paced = z
  .strictObject({
    domain: key(hostName.optional(), {
      en: 'A recipients’ domain that is served straight (mx).',
      ja: '直接(mx)送る宛先のドメイン。',
      example: 'example.com',
    }),
    upstream: key(shortName.optional(), { en: 'Or an upstream.', ja: 'または中継サービスの名前。' }),
    perMinute: key(z.number().int().min(1).max(100_000).optional(), {
      en: 'Messages a minute at most.',
      ja: '1分あたりの最大通数。',
      example: '60',
    }),
    connections: key(z.number().int().min(1).max(100).optional(), {
      en: 'Messages under way at a time at most; 10 unless told. It begins with 2 and finds its own way up to here.',
      ja: '同時に送る最大数。指定が無ければ10。2つから始め、ここまで自動で増やします。',
    }),
  })
  .superRefine(
    that(pace => (pace.domain === undefined) !== (pace.upstream === undefined), {
      en: 'either domain or upstream is wanted',
      ja: 'domain か upstream のどちらか一方を書いてください',
    }),
  )

export const outboundSection = z.strictObject({
  mxPort: key(port.min(1).default(25), {
    en: 'The port of recipients’ mail servers. Anything but 25 is for tests.',
    ja: '宛先のメールサーバーのポート。25以外は試験用です。',
  }),
  mtaSts: key(
    z
      .strictObject({
        port: key(port.min(1).default(443), {
          en: 'The port that policies are fetched from. Anything but 443 is for tests.',
          ja: '方針(ポリシー)を取得するポート。443以外は試験用です。',
        }),
        ca: key(path.optional(), {
          en: 'CA by which policies and mail servers are verified, PEM, instead of the system’s. For tests.',
          ja: '方針とメールサーバーの検証に、システムのCAの代わりに使うCA(PEM)。試験用です。',
          kind: 'file',
        }),
      })
      .prefault({}),
    {
      en: 'MTA-STS (RFC 8461): domains that publish a policy get mail over verified TLS only. Always on for mail that goes straight to the recipients’ servers.',
      ja: 'MTA-STS(RFC 8461)。方針を公開しているドメインには、検証済みのTLSでだけ送ります。宛先へ直接送る場合は常に有効です。',
    },
  ),
  gateway: key(gatewayPeer.optional(), {
    en: 'The way out through our gateway, for a home whose port 25 is blocked or whose address is not trusted. Used by routes with via: gateway.',
    ja: 'ゲートウェイ経由の送信。25番ポートが塞がれている、またはアドレスの評判が悪いhome用。via: gateway の経路で使います。',
    reload: true,
  }),
  upstreams: key(z.array(upstream).max(64).default([]), {
    en: 'Services that carry mail out.',
    ja: '送信を中継するサービス。',
    reload: true,
  }),
  routes: key(
    z
      .array(key(route, { en: 'One rule.', ja: '経路1つ。' }))
      .max(1_000)
      .default([]),
    {
      en: 'The first rule that fits decides. When none does: the upstreams in order, or mx where there are none.',
      ja: '最初に合う経路を使います。どれも合わなければ中継サービスを順に、1つも無ければ mx です。',
      reload: true,
    },
  ),
  pace: key(
    z
      .array(key(paced, { en: 'One destination.', ja: '送信先1つ。' }))
      .max(1_000)
      .default([]),
    {
      en: 'Destinations that want less mail at a time. Without it the pace is found by itself: it slows down when a destination says so.',
      ja: '送信速度を抑える宛先。書かなくても、相手から制限の返事があれば自動で遅くします。',
      reload: true,
    },
  ),
})

export type OutboundSection = z.output<typeof outboundSection>
export type Upstream = OutboundSection['upstreams'][number]
