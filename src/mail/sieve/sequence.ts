/**
 * Several scripts for one message: the administrator's before, the owner's, the administrator's after.
 *
 * The next one runs where the last one leaves the message to be kept, by saying nothing or by `keep`; a script that discards, files,
 * redirects or refuses it without `keep` ends the sequence. So `keep` is only a word for "go on" until no script follows; what puts the
 * message into the inbox for certain is `fileinto "INBOX"`. What a script did (fileinto :copy, redirect :copy, notify, edits) stays, and
 * the flags of its keep are those that the next one begins with. Variables are each script's own.
 *
 * An administrator's script that fails is passed over as if it were not there, and the administrator is told. The owner's one that fails
 * leaves the message in the inbox, and nothing follows; what ran before it stays.
 */
import { Budget } from '#formats/sieve/matching/budget.ts'
import { maxScriptBytesEver } from '#formats/sieve/limits.ts'
import type { Filed, MessageToFile } from '../filing.ts'
import { compiled } from './compiled.ts'
import { execute } from './execute.ts'
import { SieveFault } from './fault.ts'
import { uniteFlags } from './flags.ts'
import { openLetter } from './letter.ts'
import { maxSteps, stepsBetweenPauses } from './limits.ts'
import { checkRejects, filedOf } from './outcome.ts'
import type { SievePorts, SieveScript } from './ports.ts'
import { newScope, type Outcome, ownActions, type Run } from './run.ts'

export type Sequenced = { readonly script: SieveScript; readonly of: 'owner' | 'administrator' }

/** `passedOver` hears why an administrator's script counts for nothing. Rejects with what went wrong in the owner's: see `keepOf`. */
export async function runSequence(
  ports: SievePorts,
  scripts: readonly Sequenced[],
  message: MessageToFile,
  signal: AbortSignal,
  passedOver: (error: unknown, script: SieveScript) => void,
): Promise<Filed & { readonly failure?: { readonly error: unknown; readonly script: SieveScript } }> {
  const run = await startRun(ports, message, signal)
  for (const next of scripts) {
    const { letter, outcome } = run
    const { content } = letter
    try {
      await runNext(run, next)
    } catch (error) {
      run.outcome = outcome
      letter.restore(content)
      signal.throwIfAborted()
      if (next.of === 'owner') return { ...filedOf(run), failure: { error, script: next.script } }
      passedOver(error, next.script)
      continue
    }
    if (!goesOn(run)) break
    if (next.of === 'administrator') run.outcome = passedOn(run)
  }
  return filedOf(run)
}

/** One script alone: an IMAP event's (RFC 6785). Rejects with what went wrong. */
export async function runScript(
  ports: SievePorts,
  script: SieveScript,
  message: MessageToFile,
  signal: AbortSignal,
): Promise<Filed> {
  const run = await startRun(ports, message, signal)
  await runNext(run, { script, of: 'owner' })
  return filedOf(run)
}

async function startRun(ports: SievePorts, message: MessageToFile, signal: AbortSignal): Promise<Run> {
  const [account, letter] = await Promise.all([ports.accounts(message.account), openLetter(message.message)])
  return {
    ports,
    account,
    message,
    letter,
    signal,
    now: ports.clock.now(),
    budget: new Budget(maxSteps, stepsBetweenPauses),
    globals: new Map(),
    included: new Set(),
    of: 'owner',
    byAdministrator: new Set(),
    outcome: {
      implicitKeep: true,
      flags: message.event?.flags ?? [],
      actions: [],
      remember: [],
      vacationDone: false,
      before: { actions: 0, keepAsked: false, vacationDone: false },
    },
    scope: newScope('', 0, []),
    parts: [],
    bodyTexts: new Map(),
    partVisits: 0,
    edits: 0,
    includes: 0,
  }
}

async function runNext(run: Run, { of, script }: Sequenced): Promise<void> {
  const limit = of === 'owner' ? run.ports.limits.maxScriptBytes : maxScriptBytesEver
  const { program, problem } = compiled(script.text, limit)
  if (!program) throw new SieveFault(problem.text, problem)
  run.outcome = passedOn(run)
  const id = `${of === 'owner' ? 'personal' : of}:${script.name}`
  run.of = of
  run.scope = newScope(script.name, 0, [id])
  run.globals.clear()
  run.included.clear()
  run.included.add(id)
  run.budget = new Budget(maxSteps, stepsBetweenPauses)
  run.parts.length = 0
  run.partVisits = run.edits = run.includes = 0
  await execute(run, program.statements)
  checkRejects(run)
  if (of === 'administrator')
    for (let index = run.outcome.before.actions; index < run.outcome.actions.length; index++)
      run.byAdministrator.add(index)
}

function goesOn({ outcome }: Run): boolean {
  return outcome.implicitKeep || outcome.actions.some(action => action.kind === 'file' && action.keeps)
}

/** What the next script begins with: all that was done, and the message to be kept. */
function passedOn(run: Run): Outcome {
  const { actions, before, flags, implicitKeep, remember, vacationDone } = run.outcome
  const keeps = ownActions(run).flatMap(action => (action.kind === 'file' && action.keeps ? [action] : []))
  return {
    implicitKeep: true,
    flags: uniteFlags([...(implicitKeep ? flags : []), ...keeps.flatMap(keep => keep.flags)]),
    actions: actions.map(action => (action.kind === 'file' && action.keeps ? { kind: 'passed' } : action)),
    remember: [...remember],
    vacationDone: false,
    before: {
      actions: actions.length,
      keepAsked: before.keepAsked || (run.of === 'owner' && keeps.length > 0),
      vacationDone: before.vacationDone || vacationDone,
    },
  }
}
