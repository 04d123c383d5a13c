import { z } from 'zod'
import { lmtpEndpoint } from '../endpoint.ts'
import { key } from '../key.ts'
import { duration, fingerprint, hostName, path, shortName } from '../values.ts'
import { checksSection } from './checks.ts'
import { certificateFiles } from './tls.ts'

const homePeer = z.strictObject({
  url: key(lmtpEndpoint, {
    en: 'Where home listens: lmtp://host:port (STARTTLS), lmtps://host:port (TLS at once) or unix:PATH.',
    ja: 'homeの場所。lmtp://host:port(STARTTLS)、lmtps://host:port(最初からTLS)、unix:PATH のいずれか。',
    example: 'lmtps://home.example.com:2525',
    type: 'LMTP address',
    kind: 'endpoint',
  }),
  clientCertificate: key(certificateFiles.optional(), {
    en: 'The certificate with which this gateway proves itself to home.',
    ja: 'このゲートウェイがhomeに名乗るための証明書。',
  }),
  sasl: key(
    z
      .strictObject({
        username: key(shortName, { en: 'Login name at home.', ja: 'homeでのログイン名。' }),
        passwordFile: key(path, {
          en: 'File with the password.',
          ja: 'パスワードのファイル。',
          kind: 'secret-file',
        }),
      })
      .optional(),
    { en: 'Login at home instead of a client certificate.', ja: 'クライアント証明書の代わりに使うログイン。' },
  ),
  ca: key(path.optional(), {
    en: 'The CA (or the very certificate) by which home is verified, PEM; the system’s CAs when absent. There is no way to skip the check.',
    ja: 'homeを検証するCA(または証明書そのもの、PEM)。無ければシステムのCA。検証を省く設定はありません。',
    kind: 'file',
  }),
  serverName: key(hostName.optional(), {
    en: 'The name that must stand in home’s certificate, when it is not the host of url.',
    ja: 'homeの証明書にあるべき名前(url のホスト名と違う場合)。',
  }),
  linkKeyFile: key(path.optional(), {
    en: 'Key shared with home that signs what only the gateway knows (client address, verdicts). Without it plain LMTP is spoken.',
    ja: 'ゲートウェイだけが知る事実(接続元、判定)に署名する、homeとの共有鍵。無ければ素のLMTPになります。',
    kind: 'secret-file',
  }),
})

const relayClient = z.strictObject({
  name: key(shortName, {
    en: 'How this box calls it in its log and trace; the user name when it logs in.',
    ja: 'ログと追跡での呼び名。ログインする場合はユーザー名にもなります。',
    example: 'home',
  }),
  clientCertificate: key(fingerprint.optional(), {
    en: 'SHA-256 fingerprint of its client certificate.',
    ja: 'クライアント証明書のSHA-256フィンガープリント。',
    type: 'fingerprint',
  }),
  clientCertificateFile: key(path.optional(), {
    en: 'Its client certificate, PEM, instead of the fingerprint.',
    ja: 'フィンガープリントの代わりに、クライアント証明書(PEM)そのもの。',
    kind: 'file',
  }),
  saslPasswordFile: key(path.optional(), {
    en: 'File with the password of a home that logs in (SASL, user name = name).',
    ja: 'ログインするhomeのパスワードのファイル(SASL。ユーザー名は name)。',
    kind: 'secret-file',
  }),
})

const relay = z.strictObject({
  clients: key(
    z
      .array(key(relayClient, { en: 'One home.', ja: 'home 1つ。' }))
      .max(16)
      .default([]),
    {
      en: 'Who may send: known by client certificate or login, never by address. Senders must be of our own domains all the same.',
      ja: '送信を許すhome。クライアント証明書かログインで確かめ、アドレスでは判断しません。差出人は自分のドメインに限ります。',
    },
  ),
  atOnce: key(z.number().int().min(1).max(1_000).default(50), {
    en: 'Messages under way at a time; for what is more home is told to come again.',
    ja: '同時に中継する通数。超えた分はhomeが後でやり直します。',
    reload: true,
  }),
  recipientsPerHour: key(z.number().int().min(0).max(10_000_000).default(5_000), {
    en: 'Recipients within an hour, for each home; what is more waits at home. It bounds what a stolen key could do. 0 is no limit.',
    ja: 'home 1つあたりの1時間の宛先数。超えた分はhomeで待ちます。鍵が盗まれた場合の被害を抑えます。0 で無制限。',
    reload: true,
  }),
})

export const gatewaySection = z.strictObject({
  name: key(shortName.default('gateway'), {
    en: 'Names this box in delivery ids, in home’s configuration and in answers of the command line.',
    ja: '配送ID、homeの設定、コマンドラインの答えでこの機械を表す名前。',
    example: 'tokyo',
  }),
  home: key(homePeer.optional(), {
    en: 'The way home. Required unless both roles run in this process.',
    ja: 'homeへの道。両方の役割を1つのプロセスで動かす場合以外は必須です。',
  }),
  recipientsFile: key(path.optional(), {
    en: 'The list of domains and recipients that home writes. Without it every recipient is asked of home while the sender waits.',
    ja: 'homeが書くドメインと宛先の一覧。無ければ送信者を待たせてhomeに1件ずつ尋ねます。',
    kind: 'path',
  }),
  domains: key(z.array(hostName).max(10_000).default([]), {
    en: 'Domains that are ours, for a home that writes no recipientsFile (a stand-in such as Dovecot).',
    ja: '自分のドメイン。recipientsFile を書かないhome(Dovecotなど)の場合に書きます。',
    example: '[example.com]',
    reload: true,
  }),
  relay: key(relay.prefault({}), {
    en: 'Mail that home sends through this gateway (listen: service relay; at home: via: gateway). Nothing is kept here: home waits for the answer of the recipients’ servers.',
    ja: 'homeがこのゲートウェイ経由で送るメール(listen: service relay。home側は via: gateway)。ここには何も溜めず、homeは宛先サーバーの返事を待ちます。',
  }),
  hold: key(duration.prefault('30d'), {
    en: 'How long mail waits for home before the sender is told that it failed.',
    ja: 'homeを待ってメールを預かる期間。過ぎると送信者に不達を知らせます。',
    type: 'time',
    reload: true,
  }),
  slowAfter: key(duration.prefault('10s'), {
    en: 'How long home may take after the last byte before the gateway takes the message into its own hold.',
    ja: '最後の1バイトの後、homeをこの時間まで待ち、過ぎたらゲートウェイが預かります。',
    type: 'time',
    reload: true,
  }),
  checks: key(checksSection.prefault({}), {
    en: 'What is asked of whoever connects to port 25, before a message is taken, and about the message.',
    ja: '25番ポートに接続してきた相手に対し、メールを受け取る前に行う検査と、メールそのものの検査。',
  }),
})
