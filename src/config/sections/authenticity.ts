/** gateway.checks.authenticity: SPF, DKIM, ARC and DMARC of what strangers bring. Everything here takes effect with SIGHUP. */
import { z } from 'zod'
import { key } from '../key.ts'
import { duration, hostName } from '../values.ts'

export const authenticitySection = z.strictObject({
  enabled: key(z.boolean().default(true), {
    en: 'Look at SPF, DKIM, ARC and DMARC of incoming mail, write the results into Authentication-Results, and tell home.',
    ja: '受信メールのSPF・DKIM・ARC・DMARCを調べ、結果を Authentication-Results に書き、homeに伝えます。',
    reload: true,
  }),
  dmarcReject: key(z.enum(['reject', 'junk', 'accept']).default('reject'), {
    en: 'What becomes of forged mail whose supposed author’s domain asks for rejection (DMARC p=reject): refused with 550, delivered as junk, or accepted with a note. A domain that cannot be asked now refuses nothing.',
    ja: '差出人のドメインが拒否を求める(DMARC p=reject)偽のメールの扱い。550で拒否(reject)、迷惑メールとして配信(junk)、注記して受け取り(accept)。ドメインに今問い合わせできない場合は拒否しません。',
    reload: true,
  }),
  spfFail: key(z.enum(['accept', 'reject']).default('accept'), {
    en: 'Whether a hard fail of SPF alone refuses a message. Forwarded mail fails SPF without being forged.',
    ja: 'SPFの fail だけで拒否するかどうか。転送されたメールは、偽物でなくてもSPFに失敗します。',
    reload: true,
  }),
  trustedSealers: key(z.array(hostName).max(1_000).default([]), {
    en: 'Domains of forwarders and mailing lists whose ARC seals are believed: what they saw pass DMARC is accepted though it fails here.',
    ja: 'ARCの封印を信用する転送元やメーリングリストのドメイン。そこでDMARCに合格したメールは、ここで不合格でも受け取ります。',
    example: '[lists.example.org]',
    reload: true,
  }),
  within: key(duration.prefault('5s'), {
    en: 'How long all of it may take for one message. What is not known by then refuses nothing.',
    ja: '1通の検査にかけてよい時間。それまでに分からないことを理由に拒否はしません。',
    type: 'time',
    reload: true,
  }),
})
