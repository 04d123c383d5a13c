/** Which protocol answers on which of home's listeners. */
import { extensions, notifyMethods } from '#formats/sieve/extensions.ts'
import type { Authenticator } from '#mail/auth.ts'
import type { Accounts } from '#mail/account.ts'
import type { Directory } from '#mail/directory.ts'
import { maxGatewayTraceBytes } from '#mail/deliver/limits.ts'
import { maxFactsFieldBytes } from '#mail/facts.ts'
import { quotaKeeper } from '#mail/quotas.ts'
import type { Scripts } from '#mail/scripts.ts'
import type { MessageReceiver } from '#mail/receiving.ts'
import type { GatewayQuestions } from '#mail/trace/gateway-questions.ts'
import type { ImapOptions } from '#protocols/imap/options.ts'
import { serveImap } from '#protocols/imap/server.ts'
import { type ManageSieveOptions, serveManageSieve } from '#protocols/managesieve/server.ts'
import type { MailboxServerOptions } from '#protocols/mailbox-server.ts'
import { servePop3, type Pop3Options } from '#protocols/pop3/server.ts'
import { serveSmtp } from '#protocols/smtp/server.ts'
import type { LmtpPeers, SmtpServerOptions } from '#protocols/smtp/options.ts'
import type { ConfiguredListener, Service } from './listeners.ts'
import type { Surroundings } from './surroundings.ts'

export type HomeParts = {
  readonly accounts: Accounts
  readonly scripts: Scripts
  readonly authenticator: Authenticator
  readonly directory: Pick<Directory, 'user' | 'userOf' | 'setQuota'>
  readonly receiver: MessageReceiver
  readonly submission: MessageReceiver
  readonly peers: Omit<LmtpPeers, 'allowUnauthenticated'>
  readonly questions: GatewayQuestions
}

export type HomeServices = (listener: ConfiguredListener) => Service | undefined

/** Recipients of one message: a gateway's limit is its own business, and what it took is taken here up to this. */
export const fromGateways = 1_000

const imapRefusal = '* BYE [UNAVAILABLE] Too many connections\r\n'
const manageSieveRefusal = 'BYE (TRYLATER) "Too many connections"\r\n'
const pop3Refusal = '-ERR [SYS/TEMP] Too many connections\r\n'

export function homeServices(around: Surroundings, parts: HomeParts): HomeServices {
  return listener => {
    switch (listener.service) {
      case 'lmtp':
        return lmtpService(around, parts, listener)
      case 'submission':
      case 'submissions':
        return submissionService(around, parts, listener.service === 'submissions')
      case 'imap':
      case 'imaps':
        return imapService(around, parts, listener)
      case 'pop3':
      case 'pop3s':
        return pop3Service(around, parts, listener.service === 'pop3s')
      case 'managesieve':
        return manageSieveService(around, parts)
      case 'mx':
      case 'relay':
      case 'http':
      case 'https':
      case 'admin':
        return undefined
      default:
        return listener satisfies never
    }
  }
}

type Lmtp = Extract<ConfiguredListener, { service: 'lmtp' }>

function lmtpService(around: Surroundings, parts: HomeParts, listener: Lmtp): Service {
  const { certificates } = around
  const tls = () => certificates.secureOptions({ requestCert: true })
  const options: SmtpServerOptions = {
    ...common(around),
    profile: 'lmtp',
    receiver: parts.receiver,
    questions: parts.questions,
    peers: { ...parts.peers, allowUnauthenticated: listener.unauthenticated || listener.path !== undefined },
    ...(listener.tls === 'starttls' && { tls }),
  }
  return {
    serve: (connection, client, signal) => serveSmtp(connection, { ...options, ...lmtpLimits(around), client }, signal),
    ...(listener.tls === 'implicit' && { implicitTls: tls }),
  }
}

function submissionService(around: Surroundings, parts: HomeParts, implicit: boolean): Service {
  const tls = () => around.certificates.secureOptions()
  const options: SmtpServerOptions = {
    ...common(around),
    profile: 'submission',
    receiver: parts.submission,
    authenticator: parts.authenticator,
    ...(!implicit && { tls }),
  }
  return {
    serve: (connection, client, signal) =>
      serveSmtp(
        connection,
        { ...options, ...limits(around), futureReleaseMs: around.live.current.limits.futureRelease, client },
        signal,
      ),
    ...(implicit && { implicitTls: tls }),
  }
}

type Imap = Extract<ConfiguredListener, { service: 'imap' | 'imaps' }>

function imapService(around: Surroundings, parts: HomeParts, listener: Imap): Service {
  const tls = () => around.certificates.secureOptions()
  const implicit = listener.service === 'imaps'
  const options: ImapOptions = {
    ...mailboxServer(around, parts, 'imap'),
    spool: around.spool,
    quotas: quotaKeeper(parts.directory),
    imapSieve: {
      url: sieveUrl(around),
      script: () => around.live.current.home.sieve.imapScript,
    },
    allowPlaintextLogin: listener.service === 'imap' && listener.loginWithoutTls,
    ...(!implicit && { tls }),
  }
  return {
    serve: (connection, facts, signal) => serveImap(connection, facts, { ...options, ...imapLimits(around) }, signal),
    refusal: imapRefusal,
    ...(implicit && { implicitTls: tls }),
  }
}

/** RFC 5804 §3 */
function sieveUrl({ config }: Surroundings): string {
  const listener = config.listen.find(({ service }) => service === 'managesieve')
  if (listener?.service !== 'managesieve') return ''
  const { port } = listener
  return `sieve://${config.hostname}${port === 4190 ? '' : `:${port}`}`
}

/** As they are when the connection begins */
function imapLimits({ live: { current } }: Surroundings): Pick<ImapOptions, 'appendLimitBytes' | 'quirks'> {
  return { appendLimitBytes: current.limits.messageSize, quirks: current.home.imap.quirks }
}

function pop3Service(around: Surroundings, parts: HomeParts, implicit: boolean): Service {
  const tls = () => around.certificates.secureOptions()
  const options: Pop3Options = {
    ...mailboxServer(around, parts, 'pop3'),
    ...(!implicit && { tls }),
    get language() {
      return around.live.current.language
    },
    async preferencesOf(account) {
      const user = await parts.directory.userOf(account)
      return {
        mailbox: user?.pop3Mailbox ?? around.live.current.home.pop3.mailbox,
        language: user?.language ?? around.live.current.language,
      }
    },
  }
  return {
    serve: (connection, facts, signal) => servePop3(connection, facts, options, signal),
    refusal: pop3Refusal,
    ...(implicit && { implicitTls: tls }),
  }
}

function manageSieveService(around: Surroundings, parts: HomeParts): Service {
  const { accounts: _, ...common } = mailboxServer(around, parts, 'managesieve')
  const { config, live } = around
  const options: ManageSieveOptions = {
    ...common,
    scripts: parts.scripts,
    tls: () => around.certificates.secureOptions(),
    maxScriptBytes: config.home.sieve.scriptSize,
    features: {
      extensions,
      notifyMethods,
      // those of the administrator's lists have either; the owner's address book is an urn
      listSchemes: ['tag', 'urn'],
      get maxRedirects() {
        return live.current.home.sieve.redirects
      },
    },
    languageOf: async account => (await parts.directory.userOf(account))?.language ?? live.current.language,
  }
  return {
    serve: (connection, facts, signal) => serveManageSieve(connection, facts, options, signal),
    refusal: manageSieveRefusal,
  }
}

function mailboxServer(
  around: Surroundings,
  parts: HomeParts,
  protocol: 'imap' | 'pop3' | 'managesieve',
): MailboxServerOptions {
  return {
    accounts: parts.accounts,
    authenticator: parts.authenticator,
    hostname: around.config.hostname,
    log: around.log.with({ protocol }),
    events: around.events,
  }
}

/** A message as large as a gateway takes comes with what the gateway says of it in front. */
function lmtpLimits(around: Surroundings) {
  const { maxMessageBytes, maxRecipients } = limits(around, fromGateways)
  return { maxMessageBytes: maxMessageBytes + maxFactsFieldBytes + maxGatewayTraceBytes, maxRecipients }
}

/** As they are when a session begins; it keeps what it has announced. */
function limits({ live }: Surroundings, atLeast = 0) {
  const { messageSize, recipients } = live.current.limits
  return { maxMessageBytes: messageSize, maxRecipients: Math.max(atLeast, recipients) }
}

function common({ config, spool, log }: Surroundings) {
  return {
    hostname: config.hostname,
    spool,
    maxMessageBytes: config.limits.messageSize,
    log: log.with({ protocol: 'smtp' }),
  }
}
