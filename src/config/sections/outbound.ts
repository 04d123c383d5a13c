import { z } from 'zod'
import { key } from '../key.ts'
import { hostName, isLoopback, path, port, refuse, shortName } from '../values.ts'

const presets = {
  plain: { host: undefined, port: 587, username: undefined },
  sendgrid: { host: 'smtp.sendgrid.net', port: 587, username: 'apikey' },
} as const

const upstreamShape = z.strictObject({
  name: key(shortName, {
    en: 'How routes and the queue call it.',
    ja: '経路とキューでの呼び名。',
    example: 'sendgrid',
  }),
  preset: key(z.enum(['plain', 'sendgrid']).default('plain'), {
    en: 'sendgrid fills in host, port and username.',
    ja: 'sendgrid は host、port、username を補います。',
  }),
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
    const host = upstream.host ?? preset.host
    const username = upstream.username ?? preset.username
    if (host === undefined) refuse(context, { en: 'host is missing', ja: 'host がありません' }, 'CONF-MISSING')
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
  via: key(z.union([z.literal('mx'), z.array(shortName).min(1).max(16)]), {
    en: 'Names of upstreams, tried in order; or mx: straight to the recipient’s mail servers.',
    ja: '中継サービスの名前を試す順に。mx は宛先のメールサーバーへ直接送ります。',
    type: 'mx or list of names',
    example: '[sendgrid]',
  }),
})

export const outboundSection = z.strictObject({
  mxPort: key(port.min(1).default(25), {
    en: 'The port of recipients’ mail servers. Anything but 25 is for tests.',
    ja: '宛先のメールサーバーのポート。25以外は試験用です。',
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
})

export type OutboundSection = z.output<typeof outboundSection>
export type Upstream = OutboundSection['upstreams'][number]
