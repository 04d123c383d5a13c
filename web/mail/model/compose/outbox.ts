/** What waits to be sent: letters for later, and those that can still be taken back. */
import { type Signal, signal } from '@preact/signals'
import type { Email, EmailAddress, Id } from '#protocols/jmap/wire.ts'
import type { EmailSubmission } from '#protocols/jmap/wire-sending.ts'
import type { Mail } from '../mail.ts'
import { holdParameters, takeBack } from './holding.ts'
import { submitOnce } from './once.ts'

export type Waiting = {
  readonly submissionId: Id
  readonly emailId: Id
  readonly sendAt: Date
  /** It was to wait for longer than it can be taken back anyway */
  readonly isForLater: boolean
  readonly subject: string
  readonly to: readonly EmailAddress[]
  readonly submission: Pick<EmailSubmission, 'identityId' | 'envelope'>
}

/** `too-late`: it has left. `draft`: it could not be sent another time, and is a draft now */
export type Rescheduled = 'done' | 'too-late' | 'draft'

type Parts = Pick<Mail, 'client' | 'mailboxes' | 'sync'>

const properties = ['id', 'emailId', 'identityId', 'envelope', 'sendAt', 'undoStatus']
const maxWaiting = 200
/** The server looks for what is due a moment later than it is. */
const lateMs = 2_000
/** What is held for the time in which it can be taken back waits for less. */
const shortMs = 30_000
const longestTimer = 12 * 3_600_000

export class Outbox {
  /** The next one first */
  readonly waiting: Signal<readonly Waiting[]> = signal([])
  readonly #parts: Parts
  #timer: ReturnType<typeof setTimeout> | undefined
  #state: string | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async load(): Promise<void> {
    const { client } = this.#parts
    const calls = client.batch()
    const filter = { undoStatus: 'pending' }
    const query = calls.call('EmailSubmission/query', { filter, limit: maxWaiting })
    const get = calls.call('EmailSubmission/get', { '#ids': query.result('/ids'), properties })
    const emails = calls.call('Email/get', {
      '#ids': get.result('/list/*/emailId'),
      properties: ['id', 'subject', 'to', 'cc', 'bcc'],
    })
    const answers = await client.send(calls)
    const { state, list } = answers.of(get)
    const letters = new Map(answers.of(emails).list.map(one => [one.id, one]))
    this.#state = state
    this.waiting.value = list
      .filter(({ undoStatus }) => undoStatus === 'pending')
      .map(one => waitingOf(one, letters.get(one.emailId)))
      .toSorted((a, b) => a.sendAt.getTime() - b.sendAt.getTime())
    this.#lookAgain()
  }

  /** Undefined: some may have been missed */
  hear(states: Readonly<Record<string, string>> | undefined): void {
    const state = states ? states['EmailSubmission'] : 'missed'
    if (state !== undefined && state !== this.#state) this.load().catch(() => undefined)
  }

  /** `at`: undefined is now. First it is taken back, then sent anew: never twice, and a draft where it ends between the two. */
  async sendAt({ submissionId, emailId, submission }: Waiting, at: Date | undefined): Promise<Rescheduled> {
    const { client, mailboxes, sync } = this.#parts
    if (!(await takeBack({ submissionId }, this.#parts))) return this.#end('too-late')
    const { envelope, identityId } = submission
    const to = envelope.rcptTo.map(({ email }) => ({ name: null, email }))
    const content = { identityId, from: { name: null, email: envelope.mailFrom.email }, to, cc: [], bcc: [] }
    const parameters = holdParameters(undefined, at)
    const sent = await submitOnce({ client, mailboxes }, { emailId, content, parameters })
    sync.now().catch(() => undefined)
    return this.#end('error' in sent ? 'draft' : 'done')
  }

  /** False: it has left. */
  async back(waiting: Waiting): Promise<boolean> {
    const isBack = await takeBack(waiting, this.#parts)
    await this.load().catch(() => undefined)
    return isBack
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  async #end(how: Rescheduled): Promise<Rescheduled> {
    await this.load().catch(() => undefined)
    return how
  }

  /** That a letter has left is told by nobody: it is asked when it should have. */
  #lookAgain(): void {
    clearTimeout(this.#timer)
    const [first] = this.waiting.peek()
    if (!first) return
    const wait = Math.min(Math.max(first.sendAt.getTime() - Date.now(), 0) + lateMs, longestTimer)
    this.#timer = setTimeout(() => this.load().catch(() => undefined), wait)
  }
}

function waitingOf(one: EmailSubmission, letter: Partial<Email> | undefined): Waiting {
  const named = [...(letter?.to ?? []), ...(letter?.cc ?? []), ...(letter?.bcc ?? [])]
  return {
    submissionId: one.id,
    emailId: one.emailId,
    sendAt: new Date(one.sendAt),
    isForLater: Date.parse(one.sendAt) - Date.now() > shortMs,
    subject: letter?.subject?.trim() ?? '',
    to: named.length > 0 ? named : one.envelope.rcptTo.map(({ email }) => ({ name: null, email })),
    submission: { identityId: one.identityId, envelope: one.envelope },
  }
}
