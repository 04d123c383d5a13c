/**
 * Scripts for what IMAP sessions do (RFC 6785). Events were written with the changes that raised them; here each message of an event is shown
 * to its script, and what the script decides is written together with the event's going. A crash in between lets the script run
 * again, never its effects: those outside the account have the event's ids. No command waits for a script or fails with it.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { ThreadFailure } from '#store/thread.ts'
import type { DecidedImapEvent, WaitingImapEvent } from '../account-imap-events.ts'
import type { AccountAdministration } from '../account-administration.ts'
import { flagsOf } from '../deliver/local-filing.ts'
import type { Filed, ImapEvent, MessageToFile } from '../filing.ts'
import type { AccountId } from '../ids.ts'
import { Chores } from '../queue/chores.ts'
import { problemOf, type ScriptProblem } from '../sieve/filer.ts'
import { ownerNotice } from '../sieve/owner-notice.ts'
import type { SievePorts, SieveScript } from '../sieve/ports.ts'
import { runScript } from '../sieve/sequence.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { decide } from './decide.ts'

export type ImapEventsOptions = {
  readonly accounts: Pick<AccountAdministration, 'imapEvent' | 'finishImapEvent' | 'accountsWithImapEvents'>
  readonly ports: SievePorts
  readonly hostname: string
  readonly clock: Clock
  readonly log: Log
}

export type ImapEvents = AsyncDisposable & {
  /** Called for each commit that noted some */
  wake(account: AccountId): void
  /** Accounts in which an earlier run has left some; resolves when all have been looked at */
  readonly searched: Promise<void>
}

/** Then other accounts have their turn */
const messagesAtOnce = 50
/** A message with which this process fails so often is passed over: nothing may wait behind it for ever */
const maxFailures = 3
/** Of the store, and none of the message's: these are waited for as long as they last */
const passing: ReadonlySet<string> = new Set(['DISK_FULL', 'ENDED', 'COMMIT_FAILED', 'UNCERTAIN', 'UNAVAILABLE'])
const dayMs = 24 * 3600 * 1000

export function createImapEvents(options: ImapEventsOptions): ImapEvents {
  const { accounts, log } = options
  const chores = new Chores(log)
  const stop = new AbortController()
  const runner = new Runner(options, stop.signal)
  const wake = (account: AccountId) =>
    chores.add(`scripts of IMAP events ${account}`, async () => {
      if (await runner.runSome(account)) wake(account)
    })
  async function search(): Promise<void> {
    for await (const account of accounts.accountsWithImapEvents()) {
      if (stop.signal.aborted) return
      wake(account)
    }
  }
  return {
    wake,
    searched: search().catch((error: unknown) => {
      log.error('Accounts could not be searched for IMAP events', { error: String(error) })
    }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await chores.close()
      await this.searched
    },
  }
}

/** One account's events, some at a time. Rejects where one is to be tried again. */
export class Runner {
  readonly #options: ImapEventsOptions
  readonly #signal: AbortSignal
  /** By account: the message that the last try failed with */
  readonly #failures = new Map<AccountId, { readonly at: string; count: number }>()

  constructor(options: ImapEventsOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  /** True: more is waiting */
  async runSome(account: AccountId): Promise<boolean> {
    const { accounts } = this.#options
    for (let count = 0; count < messagesAtOnce; count++) {
      if (this.#signal.aborted) return false
      const event = await accounts.imapEvent(account)
      if (!event) return false
      await this.#runOne(account, event)
    }
    return true
  }

  async #runOne(account: AccountId, event: WaitingImapEvent): Promise<void> {
    const at = `${event.number} ${event.index}`
    try {
      await this.#show(account, event)
      this.#failures.delete(account)
    } catch (error) {
      this.#signal.throwIfAborted()
      if (error instanceof ThreadFailure && passing.has(error.code ?? '')) throw error
      const known = this.#failures.get(account)
      const count = known?.at === at ? known.count + 1 : 1
      this.#failures.set(account, { at, count })
      if (count < maxFailures) throw error
      const { log } = this.#options
      log.error('An IMAP event is passed over', { account, uid: event.uid, error: String(error) })
      await this.#finish(account, event, unchanged)
    }
  }

  async #show(account: AccountId, event: WaitingImapEvent): Promise<void> {
    const script = await this.#scriptOf(account, event.script)
    // none of that name, or none any more: RFC 6785 §2.3.1
    if (!script) return this.#finish(account, event, undefined)
    const { message } = event
    if (!message) return this.#finish(account, event, unchanged)
    const { primaryAddress } = await this.#options.ports.accounts(account)
    const outcome = await this.#run(account, { event, message, script, primaryAddress })
    const decided =
      'problem' in outcome
        ? this.#noticeOf(account, event, primaryAddress, outcome.problem)
        : await decide({ account, event, message, sender: primaryAddress }, outcome)
    await this.#finish(account, event, decided)
  }

  async #scriptOf(account: AccountId, name: string): Promise<SieveScript | undefined> {
    const { scripts } = this.#options.ports
    return (await scripts.personal(account, name)) ?? (await scripts.global(name))
  }

  async #run(account: AccountId, about: About): Promise<Filed | { readonly problem: ScriptProblem }> {
    const { ports } = this.#options
    try {
      return await runScript(ports, about.script, messageOf(account, about), this.#signal)
    } catch (error) {
      this.#signal.throwIfAborted()
      return {
        problem: problemOf(error, about.script, fault => {
          throw fault
        }),
      }
    }
  }

  async #finish(account: AccountId, event: WaitingImapEvent, decided: DecidedImapEvent | undefined): Promise<void> {
    const { accounts, log } = this.#options
    const finished = await accounts.finishImapEvent(account, event, decided, this.#signal)
    if (finished === 'over-quota')
      log.warn('A script filed a message that there is no room for; it stays where it was', { account, uid: event.uid })
  }

  /** To the owner, once a day for each script, as for those of arriving mail. */
  #noticeOf(account: AccountId, event: WaitingImapEvent, recipient: string, problem: ScriptProblem): DecidedImapEvent {
    const { clock, hostname: host, log } = this.#options
    const { column, line, script, text } = problem
    log.warn('A script failed for an IMAP event, and the message stays as it is', {
      account,
      script,
      line,
      column,
      problem: text.en,
    })
    const at = clock.now()
    const once = `problem ${createHash('sha256').update(script).digest('hex').slice(0, 32)}`
    const message = ownerNotice(problem, { recipient, host, id: occasionOf(event), at, imap: true })
    const copy = { mailbox: { role: 'inbox' }, flags: flagsOf([]), edited: memorySource(message), once } as const
    const filing = { placements: [], copies: [copy], remember: [{ key: once, until: at + dayMs }], rejected: undefined }
    return { ...unchanged, filing }
  }
}

type About = {
  readonly event: WaitingImapEvent
  readonly message: MessageSource
  readonly script: SieveScript
  readonly primaryAddress: string
}

const nothing = flagsOf([])
const unchanged: DecidedImapEvent = {
  flags: { add: nothing, remove: { ...nothing, mode: 'remove' } },
  discard: false,
  share: [],
  filing: { placements: [], copies: [], remember: [], rejected: undefined },
  outbox: [],
}

function messageOf(account: AccountId, { event, message, primaryAddress }: About): MessageToFile {
  const { cause, changedFlags, flags, login, mailbox } = event
  const imap: ImapEvent = { cause, mailbox, changedFlags, flags, user: login, email: primaryAddress }
  return {
    account,
    recipient: primaryAddress,
    envelope: { reversePath: '', recipients: [], body: '8BITMIME', smtpUtf8: true },
    message,
    content: undefined,
    receivedAt: event.internalDate,
    deliveryId: occasionOf(event),
    event: imap,
  }
}

/** No other event's, ever: Message-IDs are made from it */
function occasionOf({ mailboxId, modSeq, uid }: WaitingImapEvent): string {
  return `imap.${modSeq}.${mailboxId}.${uid}`
}
