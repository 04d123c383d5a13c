/** What was seen of a connection, in words for people (the reason why a message is in Junk, the trace, the status page). */
import type { Text } from '#base/text.ts'
import type { ConnectionFindings } from '../verdicts.ts'
import { type Remark, remarkCodes } from './remarks.ts'
import type { ZoneState } from './zone-health.ts'

const remarkTexts: Readonly<Record<Remark, Text>> = {
  'early-talker': {
    en: 'The sending server spoke before it was greeted, as programs that send junk do.',
    ja: '送信サーバーがこちらの挨拶を待たずに話し始めました(迷惑メール送信プログラムによくある動作です)。',
  },
  'helo-is-us': {
    en: 'The sending server introduced itself by our own name.',
    ja: '送信サーバーがこちらの名前を名乗りました。',
  },
  'helo-not-a-name': {
    en: 'The sending server introduced itself by something that is no host name.',
    ja: '送信サーバーの名乗りがホスト名になっていません。',
  },
  'helo-bare-address': {
    en: 'The sending server introduced itself by a bare IP address.',
    ja: '送信サーバーがIPアドレスをそのまま名乗りました。',
  },
  'helo-wrong-address': {
    en: 'The sending server introduced itself by an address that is not its own.',
    ja: '送信サーバーが自分のものではないアドレスを名乗りました。',
  },
  'greylist-passed': {
    en: 'The sender was not known, was asked to come again, and did.',
    ja: '初めての送信者だったため再送を求め、再送されました。',
  },
  'unknown-recipients': {
    en: 'The sending server asked for many addresses that do not exist here.',
    ja: '送信サーバーが、存在しない宛先を多数試しました。',
  },
  'known-sender': {
    en: 'Mail from this sender has been delivered from this network before.',
    ja: 'この送信者からのメールは、以前にも同じネットワークから届いています。',
  },
}

/** Undefined for a code of a newer release. */
export function remarkText(code: string): Text | undefined {
  return isRemark(code) ? remarkTexts[code] : undefined
}

export function isRemark(code: string): code is Remark {
  return (remarkCodes as readonly string[]).includes(code)
}

const nameless: Text = {
  en: 'The sending server’s address has no name.',
  ja: '送信サーバーのアドレスに名前がありません(逆引きなし)。',
}
const notFoundOut: Text = {
  en: 'The name of the sending server’s address could not be found out.',
  ja: '送信サーバーのアドレスの名前を調べられませんでした。',
}

export function reverseText({ result, name = '' }: ConnectionFindings['reverse']): Text {
  if (result === 'pass')
    return {
      en: `The sending server’s address belongs to ${name}.`,
      ja: `送信サーバーのアドレスの名前は ${name} です。`,
    }
  if (result === 'fail')
    return {
      en: `The sending server’s address calls itself ${name}, and that name leads elsewhere.`,
      ja: `送信サーバーのアドレスの名前は ${name} とされていますが、その名前は別のアドレスを指しています。`,
    }
  return result === 'permerror' ? nameless : notFoundOut
}

export function listText({ zone, kind, answers }: ConnectionFindings['lists'][number]): Text {
  const said = answers.join(', ')
  return kind === 'deny'
    ? {
        en: `The sending server’s address is on the list ${zone} (${said}).`,
        ja: `送信サーバーのアドレスが拒否リスト ${zone} に載っています(${said})。`,
      }
    : {
        en: `The sending server’s address is on the list of good senders ${zone} (${said}).`,
        ja: `送信サーバーのアドレスが許可リスト ${zone} に載っています(${said})。`,
      }
}

export function zoneText(zone: string, state: ZoneState): Text {
  switch (state) {
    case 'sound':
      return { en: `${zone} answers as a list should.`, ja: `${zone} は正しく応答しています。` }
    case 'silent':
      return { en: `${zone} does not answer.`, ja: `${zone} が応答しません。` }
    case 'lists-everything':
      return {
        en: `${zone} lists 127.0.0.1, so perhaps everybody; it is ignored.`,
        ja: `${zone} が 127.0.0.1 まで載せているため(すべてを載せている可能性)、無視しています。`,
      }
    case 'lists-nothing':
      return {
        en: `${zone} does not list 127.0.0.2 as every list does; it is ignored.`,
        ja: `${zone} にはどのリストにもある 127.0.0.2 が無いため、無視しています。`,
      }
    case 'complains':
      return {
        en: `${zone} answers with an error (often: it refuses this name server); it is ignored.`,
        ja: `${zone} がエラーを返すため(このネームサーバーを拒否している場合が多い)、無視しています。`,
      }
    default:
      return state satisfies never
  }
}
