/** Commands, one after another. RFC 5228 §3, §4 and the extensions */
import { OutOfBudget } from '#formats/sieve/matching/budget.ts'
import type { Statement } from '#formats/sieve/program.ts'
import { evaluate } from './conditions.ts'
import { addHeader, deleteHeader } from './edit-header.ts'
import { SieveFault } from './fault.ts'
import { changeFlags, uniteFlags } from './flags.ts'
import { include } from './include.ts'
import { maxReplyLength } from './limits.ts'
import { chooseMailbox } from './mailboxes.ts'
import { enclose, extractText, forEveryPart, replace } from './mime-commands.ts'
import { modified } from './modifiers.ts'
import { notify } from './notify.ts'
import { redirect } from './redirect.ts'
import { addAction, cut, type Flow, type Run, writeVariable } from './run.ts'
import { texts } from './texts.ts'
import { vacation } from './vacation.ts'
import { expand, expandAll, pause } from './values.ts'

export async function execute(run: Run, statements: readonly Statement[]): Promise<Flow> {
  for (const statement of statements) {
    if (run.budget.pauseDue) await pause(run.signal)
    const flow = await placed(run, statement)
    if (flow !== 'on') return flow
  }
  return 'on'
}

/** A fault that has no place yet gets this one's. */
async function placed(run: Run, statement: Statement): Promise<Flow> {
  try {
    run.budget.spend(1)
    return await perform(run, statement)
  } catch (error) {
    const fault = error instanceof OutOfBudget ? new SieveFault(texts.outOfSteps) : error
    if (fault instanceof SieveFault) {
      fault.at ??= statement.at
      fault.script ??= run.scope.script
    }
    throw fault
  }
}

async function perform(run: Run, statement: Statement): Promise<Flow> {
  if (!isLeading(statement)) {
    await act(run, statement)
    return 'on'
  }
  switch (statement.kind) {
    case 'stop':
      return 'stop'
    case 'return':
      return 'return'
    case 'break':
      return { leaves: statement.name }
    case 'if':
      return branch(run, statement)
    case 'foreverypart':
      return forEveryPart(run, statement, execute)
    case 'include':
      return include(run, statement, execute)
    case 'fault':
      throw new SieveFault(statement.problem.text, statement.problem)
    case 'error':
      throw new SieveFault(texts.ownError(cut(expand(run, statement.message), 1000)))
  }
}

async function branch(run: Run, { branches, otherwise }: Extract<Statement, { kind: 'if' }>): Promise<Flow> {
  for (const { test, block } of branches) if (await evaluate(run, test)) return execute(run, block)
  return execute(run, otherwise)
}

/** Those that decide what is run next */
const leadingKinds = ['stop', 'return', 'break', 'if', 'foreverypart', 'include', 'fault', 'error'] as const
type Leading = Extract<Statement, { kind: (typeof leadingKinds)[number] }>
type Acting = Exclude<Statement, Leading>

function isLeading(statement: Statement): statement is Leading {
  return leadingKinds.some(kind => kind === statement.kind)
}

async function act(run: Run, statement: Acting): Promise<void> {
  switch (statement.kind) {
    case 'keep':
      return keep(run, statement)
    case 'discard':
      run.outcome.implicitKeep = false
      return
    case 'fileinto':
      return fileInto(run, statement)
    case 'redirect':
      return redirect(run, statement)
    case 'reject':
      return reject(run, statement)
    case 'vacation':
      return vacation(run, statement)
    case 'notify':
      return notify(run, statement)
    case 'flags':
      return changeFlags(run, statement)
    case 'addheader':
      return addHeader(run, statement)
    case 'deleteheader':
      return deleteHeader(run, statement)
    case 'replace':
      return replace(run, statement)
    case 'enclose':
      return enclose(run, statement)
    case 'extracttext':
      return extractText(run, statement)
    case 'set': {
      const { name, global } = statement.variable
      return writeVariable(run, name, global, modified(expand(run, statement.value), statement.modifiers))
    }
    case 'global':
      for (const name of statement.names) run.scope.globalNames.add(name)
      return
  }
}

function flagsFor(run: Run, statement: Extract<Acting, { kind: 'keep' | 'fileinto' }>): readonly string[] {
  return statement.flags ? uniteFlags(expandAll(run, statement.flags)) : run.outcome.flags
}

/** RFC 6785 §4.6: for IMAP the message lies in its mailbox, and keep leaves it there with these flags */
function keep(run: Run, statement: Extract<Acting, { kind: 'keep' }>): void {
  run.outcome.implicitKeep = false
  const { event } = run.message
  const mailbox = event ? { name: event.mailbox, create: false } : { role: 'inbox' as const }
  addAction(run, { kind: 'file', mailbox, flags: flagsFor(run, statement), content: run.letter.content, keeps: true })
}

async function fileInto(run: Run, statement: Extract<Acting, { kind: 'fileinto' }>): Promise<void> {
  const mailbox = await chooseMailbox(run, statement)
  if (!statement.copy) run.outcome.implicitKeep = false
  addAction(run, { kind: 'file', mailbox, flags: flagsFor(run, statement), content: run.letter.content })
}

function reject(run: Run, { at, command, reason }: Extract<Acting, { kind: 'reject' }>): void {
  if (run.message.event) throw new SieveFault(texts.notForImap(command))
  run.outcome.implicitKeep = false
  const words = cut(expand(run, reason), maxReplyLength)
  addAction(run, { kind: 'reject', command, reason: words, at, script: run.scope.script })
}
