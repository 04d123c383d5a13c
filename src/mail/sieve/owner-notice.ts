/** The letter that tells an owner that a script failed: the message lies in the inbox, and what the script would have done is not done. */
import type { Filed } from '../filing.ts'
import { composeLetter } from './compose.ts'

export function ownerNotice(
  problem: NonNullable<Filed['problem']>,
  about: {
    readonly recipient: string
    readonly host: string
    readonly id: string
    readonly at: number
    /** It ran because of something that was done over IMAP */
    readonly imap?: true
  },
): Uint8Array {
  const { column, line, script, text } = problem
  const { at, host, id, imap, recipient } = about
  const body = [
    `メール振り分けスクリプト「${script}」の実行に失敗しました(${line}行 ${column}文字目): ${text.ja}`,
    `${imap ? 'メールは元の場所に残っています。' : '届いたメールは受信箱に残しました。'}同じ知らせは1日に1通だけ送ります。`,
    '',
    `Your mail filter "${script}" failed at line ${line}, column ${column}: ${text.en}`,
    `The message is ${imap ? 'where it was' : 'in your inbox'}. You get this notice once a day at most.`,
    '',
  ]
  return composeLetter({
    from: { name: 'Hikyaku', address: `postmaster@${host}` },
    to: [recipient],
    subject: `メール振り分けの失敗 / Mail filter failed: ${script}`,
    date: at,
    zoneMinutes: -new Date(at).getTimezoneOffset(),
    messageId: `${id}@${host}`,
    autoSubmitted: 'auto-generated',
    body: { kind: 'text', text: body.join('\r\n') },
  }).message
}
