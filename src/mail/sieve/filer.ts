/**
 * The MessageFiler of Sieve scripts. Whatever a script does, it ends, within steps and memory that are known beforehand; where it fails the
 * message is kept in the inbox as if there were no script, nothing else that it decided is done, and the owner is told (RFC 5228 §2.10.6).
 * A run that is broken off has decided nothing.
 */
import { Budget } from '#formats/sieve/matching/budget.ts'
import type { Filed, MessageFiler, MessageToFile } from '../filing.ts'
import { compiled } from './compiled.ts'
import { execute } from './execute.ts'
import { SieveFault } from './fault.ts'
import { openLetter } from './letter.ts'
import { maxSteps, stepsBetweenPauses } from './limits.ts'
import { filedOf } from './outcome.ts'
import type { SievePorts, SieveScript } from './ports.ts'
import { newScope, type Run } from './run.ts'
import { texts } from './texts.ts'

/** `failed` hears of errors that are ours, not the script's. */
export function createSieveFiler(ports: SievePorts, failed: (error: unknown) => void): MessageFiler {
  return async (message, signal) => {
    let script: SieveScript | undefined
    try {
      script = await ports.scripts.active(message.account)
      return script ? await runScript(ports, script, message, signal) : kept(message)
    } catch (error) {
      // nothing is wrong with the script: the letter comes again, and it runs again
      signal.throwIfAborted()
      return { ...kept(message), problem: problemOf(error, script, failed) }
    }
  }
}

/** Runs a script that is named otherwise than by being active: an IMAP event's (RFC 6785). Rejects with what went wrong. */
export async function runScript(
  ports: SievePorts,
  script: SieveScript,
  message: MessageToFile,
  signal: AbortSignal,
): Promise<Filed> {
  const { program, problem } = compiled(script.text, ports.limits.maxScriptBytes)
  if (!program) throw new SieveFault(problem.text, problem)
  const [account, letter] = await Promise.all([ports.accounts(message.account), openLetter(message.message)])
  const id = `personal:${script.name}`
  const run: Run = {
    ports,
    account,
    message,
    letter,
    signal,
    now: ports.clock.now(),
    budget: new Budget(maxSteps, stepsBetweenPauses),
    globals: new Map(),
    included: new Set([id]),
    outcome: { implicitKeep: true, flags: [], actions: [], remember: [], vacationDone: false },
    scope: newScope(script.name, 0, [id]),
    parts: [],
    bodyTexts: new Map(),
    partVisits: 0,
    edits: 0,
    includes: 0,
  }
  await execute(run, program.statements)
  return filedOf(run)
}

function kept({ event }: MessageToFile): Filed {
  const mailbox = event ? { name: event.mailbox, create: false } : { role: 'inbox' as const }
  return { placements: [{ mailbox, flags: [], implicit: true }], effects: [], copies: [], remember: [] }
}

function problemOf(
  error: unknown,
  script: SieveScript | undefined,
  failed: (error: unknown) => void,
): NonNullable<Filed['problem']> {
  const name = script?.name ?? ''
  if (error instanceof SieveFault) {
    const { line, column } = error.at ?? { line: 1, column: 1 }
    return { script: error.script ?? name, line, column, text: error.text }
  }
  failed(error)
  return { script: name, line: 1, column: 1, text: texts.unexpected }
}
