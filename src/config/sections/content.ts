import { isIP } from 'node:net'
import { z } from 'zod'
import { key } from '../key.ts'
import { duration, hostName, path, size, that } from '../values.ts'

/** `127.0.0.1:3310`, `[::1]:3310`, `localhost:3310` or `unix:/run/clamav/clamd.ctl` */
const daemonAddress = z.string().superRefine(
  that(text => parseDaemonAddress(text) !== undefined, {
    en: 'an address such as 127.0.0.1:3310, [::1]:3310 or unix:/run/clamav/clamd.ctl is wanted (an IP address, not a name)',
    ja: '127.0.0.1:3310、[::1]:3310、unix:/run/clamav/clamd.ctl のように書いてください(名前ではなくIPアドレス)',
  }),
)

export type DaemonAddress = { readonly path: string } | { readonly address: string; readonly port: number }

export function parseDaemonAddress(text: string): DaemonAddress | undefined {
  if (text.startsWith('unix:/')) return { path: text.slice(5) }
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([^:\s[\]]+)):(\d{1,5})$/i.exec(text) ?? []
  const address = bracketed ?? (plain === 'localhost' ? '127.0.0.1' : plain)
  const port = Number(digits)
  if (address === undefined || isIP(address) === 0 || !(port >= 1 && port <= 65535)) return undefined
  return { address, port }
}

const absentDoc = {
  en: 'What becomes of mail while it does not answer: delivered without it (the reason is kept with the message), or deferred, so that the sender tries again.',
  ja: '応答がない間のメールの扱い。deliver は検査なしで配達(理由をメールに残します)、defer は送信側に再試行してもらいます。',
}

const rspamd = z.strictObject({
  address: key(daemonAddress, {
    en: 'Where its normal or proxy worker listens (HTTP).',
    ja: 'normal または proxy ワーカーの待ち受け先(HTTP)。',
    example: '127.0.0.1:11333',
    type: 'address:port or unix:/path',
  }),
  passwordFile: key(path.optional(), {
    en: 'File with the password, where its worker asks for one.',
    ja: 'パスワードのファイル(ワーカーが求める場合)。',
    kind: 'secret-file',
  }),
  deadline: key(duration.prefault('5s'), { en: 'For one message.', ja: '1通あたりの時間の上限。', type: 'time' }),
  atOnce: key(z.number().int().min(1).max(256).default(8), {
    en: 'Messages that it is asked about at the same time.',
    ja: '同時に検査を頼むメールの数。',
  }),
  whenAbsent: key(z.enum(['deliver', 'defer']).default('deliver'), absentDoc),
  onReject: key(z.enum(['junk', 'reject']).default('junk'), {
    en: 'What becomes of mail that it would reject.',
    ja: 'Rspamdが拒否すべきと判定したメールの扱い。',
  }),
})

const clamav = z.strictObject({
  address: key(daemonAddress, {
    en: 'Where clamd listens.',
    ja: 'clamd の待ち受け先。',
    example: 'unix:/run/clamav/clamd.ctl',
    type: 'address:port or unix:/path',
  }),
  deadline: key(duration.prefault('8s'), { en: 'For one message.', ja: '1通あたりの時間の上限。', type: 'time' }),
  atOnce: key(z.number().int().min(1).max(256).default(4), {
    en: 'Messages that it is asked about at the same time.',
    ja: '同時に検査を頼むメールの数。',
  }),
  whenAbsent: key(z.enum(['deliver', 'defer']).default('deliver'), absentDoc),
  maxSize: key(size.prefault('25MB'), {
    en: 'Larger messages are not sent to it: its own StreamMaxLength.',
    ja: 'これより大きいメールは渡しません。clamd の StreamMaxLength に合わせます。',
    type: 'size',
  }),
  onVirus: key(z.enum(['reject', 'junk']).default('reject'), {
    en: 'What becomes of mail in which it finds something. Refused mail is kept for a while (hikyaku refused).',
    ja: 'ウイルスが見つかったメールの扱い。拒否したメールもしばらく保管します(hikyaku refused)。',
  }),
})

const refused = z.strictObject({
  keepFor: key(duration.prefault('7d'), {
    en: 'How long mail that was refused for its content can be had back (hikyaku refused).',
    ja: '内容を理由に拒否したメールを取り戻せる期間(hikyaku refused)。',
    type: 'time',
  }),
  maxSize: key(size.prefault('1GB'), {
    en: 'All of it together; beyond, the oldest goes first.',
    ja: '保管する合計の上限。超えると古いものから消えます。',
    type: 'size',
  }),
})

const shorteners = [
  'bit.ly',
  'buff.ly',
  'cutt.ly',
  'is.gd',
  'ow.ly',
  'rb.gy',
  'rebrand.ly',
  't.co',
  't.ly',
  'tinyurl.com',
  'ux.nu',
  'x.gd',
]

export const contentSection = z.strictObject({
  filter: key(z.boolean().default(true), {
    en: 'The built-in junk filter. It learns for each account from what is moved into Junk and out of it.',
    ja: '組み込みの迷惑メールフィルター。「迷惑メール」に出し入れした内容から、アカウントごとに学習します。',
  }),
  junkFrom: key(z.number().min(1).max(100).default(5), {
    en: 'From so many points on mail goes to Junk. hikyaku junk why tells the points of a message.',
    ja: '何点以上を「迷惑メール」に入れるか。各メールの点数は hikyaku junk why で分かります。',
  }),
  rejectFrom: key(z.number().min(2).max(1000).optional(), {
    en: 'From so many points on mail is refused. Nothing is when absent.',
    ja: '何点以上を拒否するか。省くと点数では拒否しません。',
    example: '15',
  }),
  shorteners: key(z.array(hostName).max(1000).default(shorteners), {
    en: 'Link shorteners: behind their names anything may be.',
    ja: '短縮URLサービス。リンクの行き先が分からないものとして数えます。',
    type: 'list of host names',
  }),
  rspamd: key(rspamd.optional(), {
    en: 'Asks Rspamd too. Its points and ours are added up.',
    ja: 'Rspamd にも尋ねます。点数は合算します。',
  }),
  clamav: key(clamav.optional(), { en: 'Asks ClamAV for viruses.', ja: 'ClamAV でウイルスを検査します。' }),
  refused: key(refused.prefault({}), {
    en: 'Mail that was refused for its content.',
    ja: '内容を理由に拒否したメール。',
  }),
})

export type ContentSection = z.output<typeof contentSection>
