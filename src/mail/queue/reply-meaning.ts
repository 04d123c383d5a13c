/**
 * What an upstream's answer means for us. A relay service speaks in two voices: of the message (then the answer stands), and of
 * our account with it. The second is never the sender's bounce: the mail waits, and the trouble has a name.
 */
import type { Text } from '#base/text.ts'
import { printReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { RecipientResult } from '#formats/envelope.ts'
import type { Transport } from '../transport.ts'

export type ReplyMeaning = {
  readonly code: 'UP-AUTH' | 'UP-SENDER' | 'UP-QUOTA'
  /** `temporary`: passes by itself. `configuration`: somebody must mend it here. Neither is ever a bounce. */
  readonly fault: 'temporary' | 'configuration'
  /** Whom it stops: everything on this way, or mail of this sender only */
  readonly stops: 'everything' | 'sender'
  readonly text: Text
  readonly fix: Text
}

type Row = ReplyMeaning & { readonly means: (reply: SmtpReply, words: string) => boolean }

/** The first that fits. Quota before login: SendGrid says `451 Authentication failed: Maximum credits exceeded`. */
const meanings: readonly Row[] = [
  {
    code: 'UP-QUOTA',
    fault: 'temporary',
    stops: 'everything',
    means: (_, words) =>
      /credits? exceeded|(?:daily|sending|monthly) (?:limit|quota)|quota (?:is )?exceeded/.test(words),
    text: {
      en: 'The upstream’s sending limit is reached; mail waits.',
      ja: '中継サービスの送信上限に達しました。メールは待機しています。',
    },
    fix: {
      en: 'Raise the plan, or add a second upstream.',
      ja: 'プランを上げるか、2つ目の中継サービスを追加してください。',
    },
  },
  {
    code: 'UP-SENDER',
    fault: 'configuration',
    stops: 'sender',
    means: (_, words) =>
      /verified sender identity|sender (?:address )?(?:is )?not (?:been )?verified|not verified\. the following identities/.test(
        words,
      ),
    text: {
      en: 'The upstream does not accept this sender’s domain yet; mail waits.',
      ja: '中継サービスがこの差出人ドメインを認証していません。メールは待機しています。',
    },
    fix: {
      en: 'Complete the upstream’s domain authentication (its CNAME records).',
      ja: '中継サービスのドメイン認証(CNAMEレコード)を完了してください。',
    },
  },
  {
    code: 'UP-AUTH',
    fault: 'configuration',
    stops: 'everything',
    means: ({ code, enhanced }, words) =>
      code === 535 ||
      code === 534 ||
      code === 538 ||
      enhanced === '5.7.8' ||
      /^(?:530|550) .*authentication required/.test(words),
    text: {
      en: 'The upstream refuses our login; mail waits.',
      ja: '中継サービスへのログインが拒否されました。メールは待機しています。',
    },
    fix: {
      en: 'Make a new key with permission to send, and check the user name (SendGrid: apikey).',
      ja: '送信権限のある新しいキーを作り、ユーザー名(SendGridは apikey)を確認してください。',
    },
  },
]

/** Undefined: the answer speaks of the message and stands as it is. */
export function meaningOf(reply: SmtpReply): ReplyMeaning | undefined {
  if (reply.code < 400) return undefined
  const words = printReply(reply).toLowerCase()
  const row = meanings.find(({ means }) => means(reply, words))
  if (!row) return undefined
  const { means: _, ...meaning } = row
  return meaning
}

/** A transport whose refusals that concern our account with the upstream leave the mail waiting, its words unchanged. */
export function neverBounceOurFault(transport: Transport): Transport {
  return async (envelope, message, signal) => (await transport(envelope, message, signal)).map(deferOurFault)
}

function deferOurFault(result: RecipientResult): RecipientResult {
  return result.status === 'failed' && meaningOf(result.reply) ? { ...result, status: 'deferred' } : result
}
