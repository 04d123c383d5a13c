/**
 * Text → program, or what is wrong with it. RFC 5228 §2.10.6: a script with a mistake anywhere is not run at all. With `ihave` in its
 * require a script may hold what is not known here; that is a mistake only when it is reached (RFC 5463 §4).
 */
import { deliveryCommands } from './check/delivery-commands.ts'
import { messageTests } from './check/message-tests.ts'
import { otherCommands } from './check/other-commands.ts'
import { otherTests } from './check/other-tests.ts'
import { type ArgumentRule, type Bound, bindArguments } from './check/arguments.ts'
import { Checker } from './check/checker.ts'
import type { CommandRule, TestRule } from './check/rules.ts'
import { type Extension, extensions, isExtension } from './extensions.ts'
import { parseScript } from './parse.ts'
import type { SieveProblem } from './problem.ts'
import type { Condition, Program, Statement } from './program.ts'
import type { Block, Command, Test, Tests } from './syntax.ts'
import { texts } from './texts.ts'

export type CheckLimits = {
  readonly maxScriptBytes: number
  /** Without: all that there are */
  readonly offered?: ReadonlySet<Extension>
}

const commands: Readonly<Record<string, CommandRule>> = { ...deliveryCommands, ...otherCommands }
const tests: Readonly<Record<string, TestRule>> = { ...messageTests, ...otherTests }
const everything: ReadonlySet<Extension> = new Set(extensions)
const structural = new Set(['if', 'elsif', 'else', 'require', 'foreverypart'])
const nesting = new Set(['not', 'allof', 'anyof'])

/** For ManageSieve and editors: empty when the script may be kept and run. */
export function checkScript(text: string, limits: CheckLimits): readonly SieveProblem[] {
  const compiled = compileScript(text, limits)
  return 'problems' in compiled ? compiled.problems : []
}

export function compileScript(
  text: string,
  limits: CheckLimits,
): { readonly program: Program } | { readonly problems: readonly SieveProblem[] } {
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.maxScriptBytes)
    return { problems: [{ line: 1, column: 1, text: texts.tooLarge(bytes, limits.maxScriptBytes) }] }
  const { script, problems } = parseScript(text)
  if (problems.length > 0) return { problems }
  const checker = new Checker(limits.offered ?? everything)
  const rest = requireExtensions(checker, script.commands)
  const statements = statementsOf(checker, rest)
  return checker.problems.length > 0
    ? { problems: checker.problems }
    : { program: { statements, extensions: checker.extensions } }
}

/** RFC 5228 §3.2: before all other commands. What is left is returned. */
function requireExtensions(checker: Checker, all: readonly Command[]): readonly Command[] {
  const first = all.findIndex(({ name }) => name.toLowerCase() !== 'require')
  const requires = first < 0 ? all : all.slice(0, first)
  for (const command of requires) {
    const bound = bindArguments(checker, command, { positional: ['strings'] })
    withoutBlock(checker, command)
    withoutTests(checker, command)
    for (const { text, at } of bound?.values(0) ?? []) {
      if (isExtension(text) && checker.offered.has(text)) checker.extensions.add(text)
      else checker.tell(at, texts.unknownExtension(text))
    }
  }
  return all.slice(requires.length)
}

function statementsOf(checker: Checker, all: readonly Command[]): readonly Statement[] {
  const statements: Statement[] = []
  let open: Extract<Statement, { kind: 'if' }> | undefined
  for (const command of all) {
    if (checker.isFull) break
    const name = command.name.toLowerCase()
    if (name === 'elsif' || name === 'else') {
      const longer = open && continueIf(checker, command, name, open)
      if (!open) checker.tell(command.at, texts.elseAlone(name))
      if (longer) statements[statements.length - 1] = longer
      open = name === 'elsif' ? longer : undefined
      continue
    }
    const statement = softly(checker, () => statementOf(checker, command, name), command)
    if (statement) statements.push(statement)
    open = statement?.kind === 'if' ? statement : undefined
    // after a broken if its else is no further mistake
    if (name === 'if' && !open) open = { kind: 'if', at: command.at, branches: [], otherwise: [] }
  }
  return statements
}

function continueIf(
  checker: Checker,
  command: Command,
  name: 'elsif' | 'else',
  before: Extract<Statement, { kind: 'if' }>,
): Extract<Statement, { kind: 'if' }> {
  bindArguments(checker, command, {})
  if (name === 'else') {
    withoutTests(checker, command)
    return { ...before, otherwise: blockOf(checker, command) }
  }
  const test = oneTest(checker, command)
  const block = blockOf(checker, command)
  return test ? { ...before, branches: [...before.branches, { test, block }] } : before
}

function statementOf(checker: Checker, command: Command, name: string): Statement | undefined {
  const { at } = command
  if (name === 'require') {
    checker.tell(at, texts.requireFirst)
    return undefined
  }
  if (name === 'if') {
    bindArguments(checker, command, {})
    const test = oneTest(checker, command)
    const block = blockOf(checker, command)
    return test && { kind: 'if', at, branches: [{ test, block }], otherwise: [] }
  }
  if (name === 'foreverypart') return loopOf(checker, command)
  const rule = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!rule) {
    const isTest = Object.hasOwn(tests, name) || nesting.has(name)
    checker.tell(at, isTest ? texts.testAsCommand(name) : texts.unknownCommand(command.name))
    return undefined
  }
  withoutBlock(checker, command)
  withoutTests(checker, command)
  const read = apply(checker, command, rule)
  return read && ({ ...read, at } as Statement)
}

function loopOf(checker: Checker, command: Command): Statement | undefined {
  const { at } = command
  checker.need(at, 'foreverypart', 'foreverypart')
  withoutTests(checker, command)
  const bound = bindArguments(checker, command, { tags: { name: { value: 'string' } } })
  const name = bound?.tagConstant('name')
  checker.loops.push(name ?? '')
  const block = blockOf(checker, command)
  checker.loops.pop()
  return bound && { kind: 'foreverypart', at, block, ...(name !== undefined && { name }) }
}

function conditionOf(checker: Checker, test: Test): Condition | undefined {
  return softly(checker, () => readCondition(checker, test), test)
}

function readCondition(checker: Checker, test: Test): Condition | undefined {
  const name = test.name.toLowerCase()
  const { at } = test
  if (name === 'not') {
    bindArguments(checker, test, {})
    const inner = oneTest(checker, test)
    return inner && { kind: 'not', at, test: inner }
  }
  if (name === 'allof' || name === 'anyof') {
    bindArguments(checker, test, {})
    const inner = manyTests(checker, test)
    return inner && { kind: name, at, tests: inner }
  }
  const rule = Object.hasOwn(tests, name) ? tests[name] : undefined
  if (!rule) {
    const isCommand = Object.hasOwn(commands, name) || structural.has(name)
    checker.tell(at, isCommand ? texts.commandAsTest(name) : texts.unknownTest(test.name))
    return undefined
  }
  withoutTests(checker, test)
  const read = apply(checker, test, rule)
  return read && ({ ...read, at } as Condition)
}

function apply<T>(
  checker: Checker,
  call: Command | Test,
  rule: ArgumentRule & { readonly extension?: Extension; readonly read: (bound: Bound) => T },
): T | undefined {
  if (rule.extension && !checker.need(call.at, call.name, rule.extension)) return undefined
  const bound = bindArguments(checker, call, rule)
  return bound && rule.read(bound)
}

/** With `ihave`, what is wrong with one command or test waits until it is reached. */
function softly<T extends Statement | Condition>(
  checker: Checker,
  read: () => T | undefined,
  { at }: Command | Test,
): T | undefined {
  const known = checker.problems.length
  const result = read()
  const problem = checker.problems[known]
  if (!problem || !checker.extensions.has('ihave')) return result
  checker.problems.length = known
  return { kind: 'fault', at, problem } as unknown as T
}

function oneTest(checker: Checker, call: (Command | Test) & { tests: Tests }): Condition | undefined {
  if (call.tests.kind === 'one') return conditionOf(checker, call.tests.test)
  checker.tell(call.at, texts.missingArgument(call.name, texts.kinds.test))
  return undefined
}

function manyTests(checker: Checker, call: Test): readonly Condition[] | undefined {
  if (call.tests.kind === 'list') {
    const inner = call.tests.tests.map(test => conditionOf(checker, test))
    return inner.every(test => test !== undefined) ? inner : undefined
  }
  checker.tell(call.at, texts.missingArgument(call.name, texts.kinds.tests))
  return undefined
}

function blockOf(checker: Checker, command: Command & { readonly block: Block | undefined }): readonly Statement[] {
  if (!command.block) checker.tell(command.at, texts.missingArgument(command.name, texts.kinds.block))
  return command.block ? statementsOf(checker, command.block.commands) : []
}

function withoutBlock(checker: Checker, command: Command): void {
  if (command.block) checker.tell(command.at, texts.noBlock(command.name))
}

function withoutTests(checker: Checker, call: Command | Test): void {
  if (call.tests.kind !== 'none') checker.tell(call.at, texts.noTest(call.name))
}
