/**
 * The MessageFiler of Sieve scripts. Whatever a script does, it ends, within steps and memory that are known beforehand; where the owner's
 * fails the message is kept in the inbox as if there were no script, nothing else that it decided is done, and the owner is told
 * (RFC 5228 §2.10.6). A run that is broken off has decided nothing.
 */
import type { Filed, MessageFiler, MessageToFile } from '../filing.ts'
import { SieveFault } from './fault.ts'
import type { SievePorts, SieveScript } from './ports.ts'
import { runSequence, type Sequenced } from './sequence.ts'
import { texts } from './texts.ts'

export type ScriptProblem = NonNullable<Filed['problem']>

export type FilerReports = {
  /** Errors that are ours, not the script's */
  readonly failed: (error: unknown) => void
  /** A script of the administrator failed and was passed over */
  readonly passedOver: (problem: ScriptProblem) => void
}

export function createSieveFiler(ports: SievePorts, { failed, passedOver }: FilerReports): MessageFiler {
  return async (message, signal) => {
    let own: SieveScript | undefined
    try {
      own = await ports.scripts.active(message.account)
      const scripts = sequenceOf(ports, own)
      if (scripts.length === 0) return kept(message)
      const { failure, ...filed } = await runSequence(ports, scripts, message, signal, (error, script) =>
        passedOver(problemOf(error, script, failed)),
      )
      return failure ? { ...filed, problem: problemOf(failure.error, failure.script, failed) } : filed
    } catch (error) {
      // nothing is wrong with the script: the letter comes again, and it runs again
      signal.throwIfAborted()
      return { ...kept(message), problem: problemOf(error, own, failed) }
    }
  }
}

function sequenceOf({ scripts }: SievePorts, own: SieveScript | undefined): readonly Sequenced[] {
  const { before, after } = scripts.administrator()
  return [
    ...before.map((script): Sequenced => ({ script, of: 'administrator' })),
    ...(own ? [{ script: own, of: 'owner' as const }] : []),
    ...after.map((script): Sequenced => ({ script, of: 'administrator' })),
  ]
}

function kept({ event }: MessageToFile): Filed {
  const mailbox = event ? { name: event.mailbox, create: false } : { role: 'inbox' as const }
  return { placements: [{ mailbox, flags: [], implicit: true }], effects: [], copies: [], remember: [] }
}

export function problemOf(
  error: unknown,
  script: SieveScript | undefined,
  failed: (error: unknown) => void,
): ScriptProblem {
  const name = script?.name ?? ''
  if (error instanceof SieveFault) {
    const { line, column } = error.at ?? { line: 1, column: 1 }
    return { script: error.script ?? name, line, column, text: error.text }
  }
  failed(error)
  return { script: name, line: 1, column: 1, text: texts.unexpected }
}
