/** What a remote's refusal is about, read from its codes and, where those say nothing, from its words: for the schedule and for people. */
import type { Text } from '#base/text.ts'
import { printReply, type SmtpReply } from '#formats/smtp-reply.ts'

export type ReplyCause =
  | 'greylisted'
  | 'slow-down'
  | 'mailbox-full'
  | 'no-such-user'
  | 'no-such-domain'
  | 'disabled'
  | 'too-large'
  | 'spam'
  | 'authentication'
  | 'policy'
  | 'content'
  | 'tls'
  | 'loop'
  | 'dns'
  | 'busy'

type Row = {
  readonly cause: ReplyCause
  readonly codes?: RegExp
  readonly words?: RegExp
  readonly transientOnly?: true
}

/**
 * The first that fits. Words first where the codes are used loosely: 4.7.x and 5.7.x stand for anything, and many servers answer a
 * full mailbox, a stranger and a spammer alike with a bare 550. RFC 3463 §3, RFC 7372, RFC 8689 §5
 */
const rows: readonly Row[] = [
  {
    cause: 'greylisted',
    words: /gr[ea]y-?list|postgrey|try again in \d+ ?(?:s|sec|seconds|min|minutes)\b/,
    transientOnly: true,
  },
  {
    cause: 'slow-down',
    words:
      /too (?:many|much|fast)|rate[- ]?limit|throttl|slow down|(?:connection|message|sending) (?:rate|limit|quota)|unusual rate|temporarily (?:rate|deferred due to)|流量/,
    transientOnly: true,
  },
  { cause: 'slow-down', codes: /^4\.7\.(?:28|650|651|652)$/, transientOnly: true },
  {
    cause: 'mailbox-full',
    codes: /^[45]\.2\.2$/,
    words: /(?:mailbox|quota|inbox|storage)[^.]{0,40}(?:full|exceed|over)|over ?quota|out of storage/,
  },
  { cause: 'no-such-domain', codes: /^[45]\.1\.(?:2|10)$|^5\.4\.4$/ },
  {
    cause: 'no-such-user',
    codes: /^[45]\.1\.(?:1|3|6)$/,
    words:
      /(?:no such|unknown|invalid|nonexistent) (?:user|recipient|mailbox|address|account)|user (?:unknown|not found|doesn'?t exist)|does ?n[o']t exist|recipient (?:unknown|not found)|mailbox (?:unavailable|not found)/,
  },
  {
    cause: 'disabled',
    codes: /^[45]\.2\.1$/,
    words: /(?:mailbox|account|user) (?:is |has been )?(?:disabled|suspended|inactive)/,
  },
  {
    cause: 'too-large',
    codes: /^[45]\.(?:3\.4|2\.3)$/,
    words: /(?:message|size)[^.]{0,30}(?:too (?:large|big)|exceeds)/,
  },
  { cause: 'loop', codes: /^[45]\.4\.6$/, words: /too many hops|mail loop|routing loop/ },
  { cause: 'tls', codes: /^[45]\.7\.(?:4|5|10|30)$/, words: /starttls|requiretls/ },
  {
    cause: 'authentication',
    codes: /^[45]\.7\.(?:20|21|22|23|24|25|26)$/,
    words: /\b(?:spf|dkim|dmarc)\b|reverse dns|\bptr\b/,
  },
  {
    cause: 'spam',
    words: /\bspam\b|blocked using|blacklist|block ?list|blocklisted|reputation|spamhaus|rbl\b|unsolicited|迷惑/,
  },
  { cause: 'content', codes: /^[45]\.6\.\d+$/ },
  { cause: 'policy', codes: /^[45]\.7\.\d+$/, words: /policy|not (?:permitted|allowed)|access denied|relay/ },
  { cause: 'dns', codes: /^4\.4\.3$/, transientOnly: true },
  { cause: 'busy', codes: /^4\.(?:3\.\d+|4\.[1-5])$/, transientOnly: true },
]

/** Undefined for success, and when nothing can be read from it. */
export function causeOf(reply: SmtpReply): ReplyCause | undefined {
  if (reply.code < 400) return undefined
  const transient = reply.code < 500
  const words = printReply(reply).toLowerCase()
  const { enhanced = '' } = reply
  const row = rows.find(
    ({ codes, words: pattern, transientOnly }) =>
      (transient || !transientOnly) && ((codes?.test(enhanced) ?? false) || (pattern?.test(words) ?? false)),
  )
  return row?.cause
}

/** For the sender, in one sentence. The remote's own words stand beside it. */
export const causeTexts: Readonly<Record<ReplyCause, Text>> = {
  greylisted: {
    en: 'The other side wants to see us again in a few minutes (greylisting).',
    ja: '相手側が数分後の再送を求めています(グレイリスティング)。',
  },
  'slow-down': {
    en: 'The other side takes less mail at a time than it is given; sending is slowed down.',
    ja: '相手側の受信量の上限に達したため、送信の速度を落としています。',
  },
  'mailbox-full': { en: 'The recipient’s mailbox is full.', ja: '宛先のメールボックスがいっぱいです。' },
  'no-such-user': {
    en: 'There is no such address there; check its spelling.',
    ja: '宛先のアドレスが存在しません。綴りを確かめてください。',
  },
  'no-such-domain': {
    en: 'There is no such mail domain, or it takes no mail; check its spelling.',
    ja: '宛先のドメインが存在しないか、メールを受け取りません。綴りを確かめてください。',
  },
  disabled: { en: 'The recipient’s mailbox is out of use.', ja: '宛先のメールボックスは使用停止中です。' },
  'too-large': { en: 'The message is too large for the other side.', ja: 'メールが相手側の上限より大きすぎます。' },
  spam: {
    en: 'The other side takes the message, or the server it comes from, for spam.',
    ja: '相手側がこのメールまたは送信元サーバーを迷惑メールと判定しました。',
  },
  authentication: {
    en: 'The other side could not verify that the message comes from its domain (SPF, DKIM, DMARC or reverse DNS).',
    ja: '相手側で送信ドメインの認証(SPF、DKIM、DMARC、逆引き)に失敗しました。',
  },
  policy: { en: 'A rule of the other side forbids it.', ja: '相手側の方針により拒否されました。' },
  content: { en: 'The other side cannot take this kind of message.', ja: '相手側がこの形式のメールを受け取れません。' },
  tls: {
    en: 'No connection that is encrypted as demanded could be made to the other side.',
    ja: '求められた暗号化で相手側に接続できませんでした。',
  },
  loop: { en: 'The message goes round in a circle.', ja: 'メールがサーバー間を循環しています。' },
  dns: {
    en: 'The name server (DNS) does not answer, or does not know the name just now.',
    ja: 'DNSが応答しないか、いまは名前を調べられません。',
  },
  busy: { en: 'The other side cannot be reached or is busy.', ja: '相手側に接続できないか、混み合っています。' },
}
