/** Where a letter went and who decided so, for its trace. */
import type { LocalFiling, LocalMailbox, OutboxItem } from '../delivery.ts'
import type { AccountId } from '../ids.ts'
import type { ContentVerdict } from '../judging.ts'

/** Detail of the event `delivered` */
export type FiledAs = {
  /** Names or roles, separated by commas; empty when the letter was kept nowhere */
  readonly mailboxes: string
  readonly by: 'script' | 'junk filter' | 'loop' | 'default'
  /** Messages that the script sent away, such as redirects and vacation replies */
  readonly effects: number
  /** Why a redirect was left out: it says that it is from one of our domains, and nothing proves it */
  readonly notRedirected?: 'author not proved'
  /** Whose filing it is: behind one recipient there may be several accounts, and none is told of another's */
  readonly account: AccountId
  /** What was thought of its content, and the weightiest reasons by their codes */
  readonly score?: number
  readonly reasons?: string
}

const maxReasons = 4

export function filedAs(
  filing: Pick<LocalFiling, 'placements'> | undefined,
  outbox: readonly OutboxItem[],
  {
    account,
    content,
    junk,
    loops,
    notRedirected = false,
  }: {
    readonly account: AccountId
    readonly content?: ContentVerdict | undefined
    readonly junk: boolean
    readonly loops: boolean
    readonly notRedirected?: boolean
  },
): FiledAs {
  const judged = { account, ...(content && judgedAs(content)) }
  if (!filing) {
    const by = loops ? 'loop' : junk ? 'junk filter' : 'default'
    return { mailboxes: junk ? 'junk' : 'inbox', by, effects: 0, ...judged }
  }
  const names = filing.placements.map(({ mailbox }) => nameOf(mailbox))
  return {
    mailboxes: [...new Set(names)].join(', '),
    by: 'script',
    effects: outbox.length,
    ...judged,
    ...(notRedirected && { notRedirected: 'author not proved' as const }),
  }
}

function judgedAs({ reasons, score }: ContentVerdict): Pick<FiledAs, 'score' | 'reasons'> {
  const codes = reasons.slice(0, maxReasons).map(({ code }) => code)
  return { score: Math.round(score * 10) / 10, ...(codes.length > 0 && { reasons: codes.join(' ') }) }
}

function nameOf(mailbox: LocalMailbox): string {
  if ('role' in mailbox) return mailbox.role
  if ('name' in mailbox) return mailbox.name
  return mailbox.orName ?? `mailbox ${mailbox.id}`
}
