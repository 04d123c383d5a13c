/** Scripts at work without a server around them: what a test says of the account, and in one line each what came of a run. */
import { utf8 } from '#base/bytes.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import type { Envelope } from '#formats/envelope.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import type { MailboxRole } from '../account.ts'
import type { Filed, ImapEvent, MailboxChoice, MessageToFile, Remembered } from '../filing.ts'
import type { AccountId } from '../ids.ts'
import type { ContentVerdict } from '../judging.ts'
import { createSieveFiler, type ScriptProblem } from './filer.ts'
import type { SieveMailbox, SievePorts } from './ports.ts'

/** Friday, 2026-11-27 06:00:00 UTC, 15:00 in Tokyo */
export const testNow = Date.UTC(2026, 10, 27, 6)

export type Surroundings = {
  readonly personal?: Readonly<Record<string, string>>
  readonly global?: Readonly<Record<string, string>>
  /** The administrator's, in this order; their names are before1, before2 …, after1 … */
  readonly before?: readonly string[]
  readonly after?: readonly string[]
  readonly passedOver?: (problem: ScriptProblem) => void
  readonly mailboxes?: readonly SieveMailbox[]
  readonly metadata?: Readonly<Record<string, string>>
  /** Undefined: a list that cannot be read out */
  readonly lists?: Readonly<Record<string, readonly string[] | undefined>>
  readonly remembered?: readonly Remembered[]
  readonly limits?: Partial<SievePorts['limits']>
  readonly now?: number
  readonly failed?: (error: unknown) => void
}

export type Letter = {
  readonly text: string
  readonly source?: MessageSource
  readonly from?: string
  readonly to?: string
  readonly envelope?: Partial<Envelope>
  readonly content?: Partial<ContentVerdict>
  readonly junk?: boolean
  readonly event?: ImapEvent
  readonly id?: string
}

const mailbox = (name: string, mailboxId: string, role?: MailboxRole): SieveMailbox => ({ name, mailboxId, role })

export const usualMailboxes: readonly SieveMailbox[] = [
  mailbox('INBOX', 'M1', 'inbox'),
  mailbox('迷惑メール', 'M2', 'junk'),
  mailbox('Archive', 'M3', 'archive'),
  mailbox('Lists', 'M4'),
]
const addresses = ['hanako@home.test', 'yamada@home.test']

export function testPorts(given: Surroundings = {}, script: string | undefined): SievePorts {
  const mailboxes = given.mailboxes ?? usualMailboxes
  const named = (scripts: Readonly<Record<string, string>> | undefined, name: string) => {
    const text = scripts && Object.hasOwn(scripts, name) ? scripts[name] : undefined
    return text === undefined ? undefined : { name, text }
  }
  return {
    scripts: {
      active: async () => (script === undefined ? undefined : { name: 'main', text: script }),
      personal: async (_account, name) =>
        name === 'main' && script !== undefined ? { name, text: script } : named(given.personal, name),
      global: async name => named(given.global, name),
      administrator: () => ({
        before: (given.before ?? []).map((text, index) => ({ name: `before${index + 1}`, text })),
        after: (given.after ?? []).map((text, index) => ({ name: `after${index + 1}`, text })),
      }),
    },
    accounts: async () => ({
      primaryAddress: 'hanako@home.test',
      displayName: '山田花子',
      addresses,
      language: 'ja',
      separators: '+',
      mailbox: async name => mailboxes.find(known => known.name === name),
      mailboxById: async id => mailboxes.find(known => known.mailboxId === id),
      mailboxByRole: async role => mailboxes.find(known => known.role === role),
      metadata: async (box, entry) => given.metadata?.[`${box} ${entry}`],
    }),
    memory: {
      knows: async (_account, key, now) =>
        (given.remembered ?? []).some(entry => entry.key === key && entry.until > now),
    },
    lists: {
      exists: async (_account, list) => Boolean(given.lists?.[list] ?? Object.hasOwn(given.lists ?? {}, list)),
      contains: async (_account, list, value) =>
        (given.lists?.[list] ?? []).some(member => (canonicalAddress(member) ?? member) === value),
      members: async (_account, list, limit) => given.lists?.[list]?.slice(0, limit),
    },
    environment: { domain: 'home.test', host: 'mail.home.test', version: '1.0', zoneMinutes: () => 540 },
    limits: {
      maxScriptBytes: 64 * 1024,
      maxActions: 32,
      maxRedirects: 4,
      minVacationSeconds: 0,
      maxVacationSeconds: 30 * 86_400,
      ...given.limits,
    },
    clock: { now: () => given.now ?? testNow, monotonic: () => 0 },
  }
}

export function messageOf(letter: Letter): MessageToFile {
  const recipient = letter.to ?? 'hanako@home.test'
  const reversePath = letter.from ?? 'taro@example.org'
  const content = {
    verdict: 'clean',
    score: 0,
    junkFrom: 5,
    reasons: [],
    spamtest: 0,
    virustest: 0,
    ...letter.content,
  } as const
  return {
    account: 'aaaaaaaaaaaaaaaa' as AccountId,
    recipient,
    envelope: {
      reversePath,
      recipients: [{ address: recipient }],
      body: '8BITMIME',
      smtpUtf8: false,
      ...letter.envelope,
    },
    message: letter.source ?? memorySource(utf8(letter.text.replaceAll(/\r?\n/g, '\r\n'))),
    content,
    receivedAt: testNow,
    client: { address: '192.0.2.1', name: 'mx.example.org' },
    deliveryId: letter.id ?? 'front.1.1',
    ...(letter.junk && { junk: true }),
    ...(letter.event && { event: letter.event }),
  }
}

export async function fileLetter(script: string | undefined, letter: Letter, given?: Surroundings): Promise<Filed> {
  const failed =
    given?.failed ??
    ((error: unknown) => {
      throw error
    })
  const passedOver =
    given?.passedOver ??
    ((problem: ScriptProblem) => {
      throw new Error(`passed over: ${problem.script} ${problem.text.en}`)
    })
  const file = createSieveFiler(testPorts(given, script), { failed, passedOver })
  return file(messageOf(letter), new AbortController().signal)
}

/** `keep`, `fileinto Lists \Seen`, `redirect a@example.org`, `reply to taro@example.org`, `reject: no`, `problem 1:2 …` */
export function summary(filed: Filed): string[] {
  return [
    ...filed.placements.map(({ mailbox: choice, flags, edited }) =>
      [nameOf(choice), ...flags, ...(edited ? ['edited'] : [])].join(' '),
    ),
    ...filed.effects.map(effect => {
      if (effect.kind === 'redirect')
        return ['redirect', effect.to, effect.notify, effect.ret].filter(word => word !== undefined).join(' ')
      return `${effect.kind} to ${effect.envelope.recipients.map(({ address }) => address).join(', ')}`
    }),
    ...filed.copies.map(({ mailbox: choice, flags }) => ['copy', nameOf(choice), ...flags].join(' ')),
    ...(filed.rejected ? [`${filed.rejected.kind}: ${filed.rejected.reason.trim()}`] : []),
    ...(filed.problem ? [`problem ${filed.problem.script} ${filed.problem.line}:${filed.problem.column}`] : []),
  ]
}

function nameOf(choice: MailboxChoice): string {
  if ('role' in choice) return choice.role === 'inbox' ? 'keep' : `fileinto role ${choice.role}`
  const name = 'mailboxId' in choice ? `${choice.mailboxId} or ${choice.orName}` : choice.name
  const role = 'newRole' in choice && choice.newRole ? ` as ${choice.newRole}` : ''
  return `fileinto ${name}${choice.create ? ' create' : ''}${role}`
}

export async function bytesOf(source: MessageSource): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source.open()) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
