/** What scripts would do with a message, without doing it: for people who write them. */
import type { Text } from '#base/text.ts'
import { type MessageSource, memorySource } from '#formats/message-source.ts'
import type { Filed, MailboxChoice } from '../filing.ts'
import type { AccountId } from '../ids.ts'
import { createSieveFiler, type ScriptProblem } from './filer.ts'
import type { SievePorts, SieveScript } from './ports.ts'

export type TrialInput = {
  readonly account: AccountId
  readonly recipient: string
  readonly reversePath: string
  readonly message: Uint8Array
  /** In place of the active script */
  readonly script: SieveScript | undefined
}

export type Trial = {
  readonly placements: readonly {
    readonly mailbox: string
    readonly flags: readonly string[]
    readonly edited: boolean
  }[]
  readonly sent: readonly { readonly kind: 'redirect' | 'reply' | 'notify'; readonly to: readonly string[] }[]
  readonly refused?: string
  /** Of the owner's script: the message is kept */
  readonly problem?: ScriptProblem
  /** Of the administrator's: counted for nothing */
  readonly passedOver: readonly ScriptProblem[]
}

export async function tryScripts(ports: SievePorts, input: TrialInput, signal: AbortSignal): Promise<Trial> {
  const { account, message, recipient, reversePath, script } = input
  const passedOver: ScriptProblem[] = []
  let fault: Text | undefined
  const scripts = script ? { ...ports.scripts, active: async () => script } : ports.scripts
  const file = createSieveFiler(
    { ...ports, scripts },
    {
      failed: error =>
        (fault = { en: `An error of the server: ${String(error)}`, ja: `サーバー側のエラー: ${String(error)}` }),
      passedOver: problem => passedOver.push(problem),
    },
  )
  const source: MessageSource = memorySource(message)
  const filed = await file(
    {
      account,
      recipient,
      envelope: { reversePath, recipients: [{ address: recipient }], body: '8BITMIME', smtpUtf8: true },
      message: source,
      content: undefined,
      receivedAt: ports.clock.now(),
      deliveryId: 'trial.0.0',
    },
    signal,
  )
  const trial = trialOf(filed, passedOver)
  return fault && trial.problem ? { ...trial, problem: { ...trial.problem, text: fault } } : trial
}

function trialOf({ effects, placements, problem, rejected }: Filed, passedOver: readonly ScriptProblem[]): Trial {
  return {
    placements: placements.map(({ edited, flags, mailbox }) => ({
      mailbox: nameOf(mailbox),
      flags,
      edited: edited !== undefined,
    })),
    sent: effects.map(effect => ({
      kind: effect.kind,
      to: effect.kind === 'redirect' ? [effect.to] : effect.envelope.recipients.map(({ address }) => address),
    })),
    ...(rejected && { refused: rejected.reason }),
    ...(problem && { problem }),
    passedOver,
  }
}

/** A use as RFC 6154 writes it, where no name is known */
function nameOf(choice: MailboxChoice): string {
  if ('mailboxId' in choice) return choice.orName
  if ('name' in choice) return choice.name
  return choice.role === 'inbox' ? 'INBOX' : `\\${choice.role.slice(0, 1).toUpperCase()}${choice.role.slice(1)}`
}
