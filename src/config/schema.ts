/** The configuration file as a whole. This schema is also its documentation: docs/config.md is generated from it. */
import { z } from 'zod'
import { key } from './key.ts'
import { gatewaySection } from './sections/gateway.ts'
import { homeSection } from './sections/home.ts'
import { limitsSection } from './sections/limits.ts'
import { listener } from './sections/listen.ts'
import { outboundSection } from './sections/outbound.ts'
import { tlsSection } from './sections/tls.ts'
import { hostName, path } from './values.ts'

export type Role = 'gateway' | 'home'

const roleWord = z.enum(['gateway', 'home'])

export const configSchema = z.strictObject({
  role: key(
    z
      .union([z.enum(['gateway', 'home', 'both']), z.array(roleWord).min(1).max(2)])
      .transform((role): readonly Role[] => {
        if (role === 'both') return ['gateway', 'home']
        return typeof role === 'string' ? [role] : [...new Set(role)].sort()
      }),
    {
      en: 'What this machine is: gateway (takes mail in from the internet), home (keeps it), or both in one process.',
      ja: 'この機械の役割。gateway(インターネットからメールを受ける)、home(メールを保管する)、both(1つのプロセスで両方)。',
      type: 'gateway, home or both',
      example: 'both',
    },
  ),
  hostname: key(hostName, {
    en: 'The name this machine says in greetings; stands in its certificate, and a gateway’s PTR record points to it.',
    ja: '挨拶で名乗る名前。証明書の名前と同じで、ゲートウェイではPTRレコードもこの名前にします。',
    example: 'mail.example.com',
  }),
  data: key(path, {
    en: 'The data folder: everything that is kept. On a local disk; one running program owns it.',
    ja: 'データフォルダ。保管するものはすべてここに入ります。ローカルディスクに置き、動いているプログラム1つが占有します。',
    example: './data',
    kind: 'path',
  }),
  language: key(z.enum(['en', 'ja']).default('en'), {
    en: 'The language of texts to people who chose none (notices of failed mail, web pages).',
    ja: '言語を選んでいない人への文章(不達通知、Webページ)の言語。',
    reload: true,
  }),
  log: key(
    z
      .strictObject({
        level: key(z.enum(['error', 'warn', 'info', 'debug', 'trace']).default('info'), {
          en: 'How much is logged. Passwords and content of mail never are.',
          ja: '記録する量。パスワードとメールの内容は決して記録しません。',
          reload: true,
        }),
      })
      .prefault({}),
    { en: 'The log: JSON lines on standard output.', ja: 'ログ(標準出力にJSONを1行ずつ)。' },
  ),
  listen: key(z.array(listener).max(256).default([]), {
    en: 'Where each service listens. What is not listed is off.',
    ja: '各サービスの待ち受け先。書かれていないものは動きません。',
  }),
  tls: key(tlsSection.prefault({}), { en: 'Certificates and TLS policy.', ja: '証明書とTLSの方針。' }),
  gateway: key(gatewaySection.prefault({}), {
    en: 'Settings of the gateway role.',
    ja: 'gateway の設定。',
  }),
  home: key(homeSection.prefault({}), { en: 'Settings of the home role.', ja: 'home の設定。' }),
  outbound: key(outboundSection.prefault({}), { en: 'How mail leaves.', ja: 'メールの送り出し方。' }),
  dns: key(
    z
      .strictObject({
        servers: key(z.array(z.string().min(2)).max(8).default([]), {
          en: 'Name servers to ask (address or address:port); the system’s when empty.',
          ja: '問い合わせるネームサーバー(アドレス、またはアドレス:ポート)。空ならシステムの設定。',
          example: '[127.0.0.1]',
        }),
      })
      .prefault({}),
    { en: 'Name resolution.', ja: '名前解決。' },
  ),
  limits: key(limitsSection.prefault({}), { en: 'Limits.', ja: '上限。' }),
})

export type ConfigValues = z.output<typeof configSchema>

type Frozen<Value> = Value extends string | number | boolean | undefined
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: Frozen<Value[Key]> }
      : Value

/** The checked configuration: paths absolute, sizes in octets, times in milliseconds, deeply frozen. */
export type Config = Frozen<ConfigValues> & {
  readonly source: { readonly path: string; readonly sha256: string }
}
