/** gateway.checks: what is asked of whoever connects to port 25. Everything here takes effect with SIGHUP. */
import { networkSet } from '#base/network-set.ts'
import { z } from 'zod'
import { key } from '../key.ts'
import { authenticitySection } from './authenticity.ts'
import { duration, hostName, network, that } from '../values.ts'

const loopback = networkSet(['127.0.0.0/8'])

const answers = key(
  z
    .array(
      network.superRefine(
        that(one => loopback.has(one.split('/')[0] ?? ''), {
          en: 'a list answers with addresses in 127.0.0.0/8, such as 127.0.0.2 or 127.0.0.8/29',
          ja: 'リストの応答は 127.0.0.0/8 の中のアドレスです(例: 127.0.0.2、127.0.0.8/29)',
        }),
      ),
    )
    .max(32)
    .default([]),
  {
    en: 'Answers that count, as addresses or networks inside 127.0.0.0/8; all when empty.',
    ja: '有効とみなす応答(127.0.0.0/8 の中のアドレスまたはネットワーク)。空ならすべて。',
    example: '[127.0.0.2, 127.0.0.4/30]',
    type: 'list of networks',
  },
)

const zone = key(hostName, {
  en: 'The list’s domain. Read its terms of use; many want their own name server to be asked, not a public one.',
  ja: 'リストのドメイン。利用条件を確認してください。公開リゾルバーからの問い合わせを断るリストもあります。',
  example: 'dnsbl.example.net',
})

const denyList = z.strictObject({
  zone,
  action: key(z.enum(['reject', 'score']).default('score'), {
    en: 'reject: refused at RCPT with 554 5.7.1 and the list’s words, except to postmaster and abuse. score: home is told and weighs it.',
    ja: 'reject: RCPTで554 5.7.1(リストの説明つき)で断ります(postmaster と abuse 宛を除く)。score: homeに伝え、判定に使います。',
  }),
  points: key(z.number().min(0).max(100).default(2.5), {
    en: 'How much a listing weighs toward Junk.',
    ja: '掲載された場合に迷惑メール側へ加える点数。',
  }),
  answers,
})

const allowList = z.strictObject({
  zone,
  points: key(z.number().min(0).max(100).default(1), {
    en: 'How much a listing weighs against Junk.',
    ja: '掲載された場合に迷惑メール側から引く点数。',
  }),
  answers,
})

export const checksSection = z.strictObject({
  exempt: key(z.array(network).max(1_000).default([]), {
    en: 'Addresses and networks that none of these checks is for (a relay of your own, a partner).',
    ja: 'これらの検査を一切しないアドレスやネットワーク(自分の中継サーバー、取引先など)。',
    example: '[192.0.2.25, 2001:db8:25::/48]',
    type: 'list of networks',
    reload: true,
  }),
  xclientFrom: key(z.array(network).max(64).default([]), {
    en: 'SMTP proxies and test programs that may name another client (XCLIENT). What they say is believed: only machines of your own.',
    ja: '別の接続元を名乗ってよい(XCLIENT)SMTPプロキシやテストプログラム。その内容をそのまま信じるため、自分の機械だけを書いてください。',
    example: '[127.0.0.1]',
    type: 'list of networks',
    reload: true,
  }),
  denyLists: key(z.array(denyList).max(16).default([]), {
    en: 'Lists of bad senders in the DNS (DNSBL). None is asked unless you choose it. One without the test entries of RFC 5782 is ignored.',
    ja: 'DNSの拒否リスト(DNSBL)。自分で選ぶまで何も問い合わせません。RFC 5782 のテスト用の項目が無いリストは無視します。',
    reload: true,
  }),
  allowLists: key(z.array(allowList).max(16).default([]), {
    en: 'Lists of good senders in the DNS (DNSWL): no greylisting and no waiting for those on them.',
    ja: 'DNSの許可リスト(DNSWL)。載っている送信者にはグレイリストも挨拶の待ちもありません。',
    reload: true,
  }),
  dnsTimeout: key(duration.prefault('4s'), {
    en: 'How long reverse name and lists may take together; what has not answered by then counts for nothing.',
    ja: '逆引きとリストの問い合わせ全体の制限時間。間に合わなかったものは無かったものとします。',
    type: 'time',
    reload: true,
  }),
  helo: key(z.enum(['off', 'score', 'reject']).default('score'), {
    en: 'A peer that introduces itself by no name, by our name or by an address that is not its own: told to home, or refused at RCPT.',
    ja: '名前でないもの、こちらの名前、自分のものでないアドレスを名乗る相手: homeに伝える(score)か、RCPTで断ります(reject)。',
    reload: true,
  }),
  greetingDelay: key(duration.prefault('2s'), {
    en: 'Silence before the greeting to a network that has not sent mail here before; 0s for none. Junk programs often cannot wait.',
    ja: '初めてのネットワークに対し、挨拶の前に待つ時間。0s で無し。迷惑メールのプログラムはこれを待てないことがよくあります。',
    type: 'time',
    reload: true,
  }),
  earlyTalkers: key(z.enum(['score', 'reject']).default('score'), {
    en: 'A peer that speaks before it was greeted: told to home, or refused with 554.',
    ja: '挨拶の前に話し始める相手: homeに伝える(score)か、554で断ります(reject)。',
    reload: true,
  }),
  connectionsPerNetwork: key(z.number().int().min(1).max(100_000).default(100), {
    en: 'Connections at a time from one network (a /24 of IPv4, a /64 of IPv6; four times as many from a /48).',
    ja: '1つのネットワーク(IPv4の/24、IPv6の/64。/48はその4倍)からの同時接続数。',
    reload: true,
  }),
  connectionsPerMinute: key(z.number().int().min(1).max(100_000).default(200), {
    en: 'New connections a minute from one such network; more get 421 and come again.',
    ja: '同じネットワークからの1分あたりの新しい接続数。超えた分は421で、後から再送されます。',
    reload: true,
  }),
  unknownRecipients: key(z.number().int().min(1).max(1_000).default(10), {
    en: 'Unknown recipients in one session before answers are slowed down; after twice as many it is closed with 421.',
    ja: '1回の接続で存在しない宛先がこの数に達すると応答を遅くし、2倍で421として切断します。',
    reload: true,
  }),
  greylist: key(z.enum(['off', 'suspicious', 'unknown']).default('suspicious'), {
    en: 'Who is asked to come again (451): nobody, unknown senders that also look suspicious (no reverse name, on a deny list, nonsense in HELO, no SPF pass), or all unknown ones.',
    ja: '再送を求める(451)相手。off: 無し。suspicious: 初めてで、かつ疑わしい送信者(逆引き無し、拒否リスト掲載、HELOがおかしい、SPFがpassでない)。unknown: 初めての送信者すべて。',
    reload: true,
  }),
  greylistDelay: key(duration.prefault('1m'), {
    en: 'How long a greylisted sender must wait at least.',
    ja: 'グレイリストの相手が最低限待つ時間。',
    type: 'time',
    reload: true,
  }),
  greylistWindow: key(
    duration.prefault('24h').superRefine(
      that(ms => ms <= 7 * 24 * 3600_000, {
        en: 'at most 7d: senders give up before',
        ja: '7d 以下にしてください(送信側が先にあきらめます)',
      }),
    ),
    {
      en: 'How long after the first attempt the next one may come.',
      ja: '最初の送信からこの時間内の再送を受け入れます。',
      type: 'time',
      reload: true,
    },
  ),
  authenticity: key(authenticitySection.prefault({}), {
    en: 'Is a message from whom it says?',
    ja: '差出人は本物か。',
  }),
})
