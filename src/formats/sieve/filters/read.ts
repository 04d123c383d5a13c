/**
 * An `if` of a script → the filter that it is, however it was laid out; undefined as soon as it says anything that the form cannot: that stays
 * what somebody has written by hand.
 */
import type { Argument, Call, Command, Test } from '../syntax.ts'
import { type Action, type Condition, type Filter, type FilterMailbox, rankOf, type TextTest } from './filter.ts'

export function readFilter(command: Command, about: Pick<Filter, 'name' | 'isOn'>): Filter | undefined {
  if (command.name.toLowerCase() !== 'if' || !command.block || command.tests.kind !== 'one') return undefined
  const tests = readTests(command.tests.test)
  const done = readActions(command.block.commands)
  return tests && done && command.args.length === 0 ? { ...about, ...tests, ...done } : undefined
}

function readTests(test: Test): Pick<Filter, 'match' | 'conditions'> | undefined {
  const name = test.name.toLowerCase()
  const isPlain = test.args.length === 0
  if (name === 'true' && isPlain && test.tests.kind === 'none') return { match: 'all', conditions: [] }
  const isList = (name === 'allof' || name === 'anyof') && test.tests.kind === 'list' && isPlain
  const all = isList && test.tests.kind === 'list' ? test.tests.tests : [test]
  const conditions = all.map(one => readCondition(one))
  if (!conditions.every(one => one !== undefined)) return undefined
  return { match: name === 'anyof' ? 'any' : 'all', conditions }
}

function readCondition(test: Test): Condition | undefined {
  if (test.name.toLowerCase() === 'not')
    return test.args.length === 0 && test.tests.kind === 'one' ? negated(readCondition(test.tests.test)) : undefined
  return test.tests.kind === 'none' ? readPlain(test) : undefined
}

function negated(condition: Condition | undefined): Condition | undefined {
  if (condition?.kind === 'attachment') return condition.test === 'has' ? { ...condition, test: 'hasNot' } : undefined
  if (condition === undefined || condition.kind === 'size') return undefined
  if (condition.test === 'contains') return { ...condition, test: 'notContains' }
  return condition.test === 'is' ? { ...condition, test: 'isNot' } : undefined
}

function readPlain(test: Test): Condition | undefined {
  const { key, args } = shapeOf(test)
  const [first, second] = args
  if (key === 'size over' || key === 'size under') return args.length === 1 ? sizeOf(key, first) : undefined
  const texts = args.map(argument => textsOf(argument))
  if (key === 'body contains text' || key === 'body contains') {
    const [value, ...more] = texts[0] ?? []
    return value !== undefined && more.length === 0 && args.length === 1
      ? { kind: 'body', test: 'contains', value }
      : undefined
  }
  const [value, ...more] = textsOf(second) ?? []
  const names = textsOf(first)?.map(name => name.toLowerCase())
  if (value === undefined || more.length > 0 || !names || args.length !== 2) return undefined
  return ofFields(key, names, value, textsOf(first)?.[0] ?? '')
}

function ofFields(key: string, names: readonly string[], value: string, written: string): Condition | undefined {
  const fields = names.toSorted().join(' ')
  const who = fields === 'from' ? 'from' : fields === 'cc to' ? 'to' : undefined
  switch (key) {
    case 'header contains':
      if (who) return { kind: who, test: 'contains', value }
      return fields === 'list-id' ? ofList(value) : ofHeader(names, 'contains', value, written)
    case 'header is':
      return ofHeader(names, 'is', value, written)
    case 'header matches':
      return ofHeader(names, 'begins', beginning(value), written)
    case 'address is':
    case 'address all is':
      return who && { kind: who, test: 'is', value }
    case 'address domain is':
      return who && { kind: who, test: 'domain', value }
    case 'address matches': {
      const begins = beginning(value)
      return who && begins !== undefined ? { kind: who, test: 'begins', value: begins } : undefined
    }
    case 'header anychild contains mime':
      return fields === 'content-disposition' && value.toLowerCase() === 'attachment'
        ? { kind: 'attachment', test: 'has' }
        : undefined
    default:
      return undefined
  }
}

function ofHeader(
  names: readonly string[],
  test: TextTest,
  value: string | undefined,
  written: string,
): Condition | undefined {
  const [name, ...others] = names
  if (name === undefined || others.length > 0 || value === undefined) return undefined
  return name === 'subject' ? { kind: 'subject', test, value } : { kind: 'header', name: written, test, value }
}

function ofList(value: string): Condition | undefined {
  const [, open, inner = '', close] = /^(<?)([^<>]*)(>?)$/.exec(value) ?? []
  if (open === undefined || (close === '>' && open === '')) return undefined
  return { kind: 'list', test: open === '' ? 'contains' : close === '' ? 'begins' : 'is', value: inner }
}

function sizeOf(key: 'size over' | 'size under', argument: Argument | undefined): Condition | undefined {
  if (argument?.kind !== 'number') return undefined
  const { number, quantifier } = argument
  const test = key === 'size over' ? 'over' : 'under'
  if (quantifier === 'K' || quantifier === 'M') return { kind: 'size', test, amount: number, unit: quantifier }
  return quantifier === 'G' ? { kind: 'size', test, amount: number * 1024, unit: 'M' } : undefined
}

/** A pattern that is a text and one star behind it; undefined: it is another one. */
function beginning(pattern: string): string | undefined {
  const [, text] = /^((?:[^*?\\]|\\[^])*)\*$/.exec(pattern) ?? []
  return text?.replaceAll(/\\([^])/g, '$1')
}

/** Name and tags, in an order of their own; and what else is given. */
function shapeOf({ name, args }: Call): { readonly key: string; readonly args: readonly Argument[] } {
  const tags = args.flatMap(argument => (argument.kind === 'tag' ? [argument.name.toLowerCase()] : []))
  return { key: [name.toLowerCase(), ...tags.toSorted()].join(' '), args: args.filter(({ kind }) => kind !== 'tag') }
}

/** What stands on several lines is more than a form has room for. */
function textsOf(argument: Argument | undefined): readonly string[] | undefined {
  if (argument?.kind !== 'strings') return undefined
  return argument.strings.some(({ text }) => /[\r\n]/.test(text)) ? undefined : argument.strings.map(({ text }) => text)
}

function readActions(commands: readonly Command[]): Pick<Filter, 'actions' | 'stops'> | undefined {
  const actions: Action[] = []
  const rest = [...commands]
  const stops = isBare(rest.at(-1), 'stop') && rest.pop() !== undefined
  const isKept = isBare(rest.at(-1), 'keep') && rest.pop() !== undefined
  for (const command of rest) {
    const read = readAction(command)
    if (!read) return undefined
    actions.push(...read)
  }
  const isInOrder = actions.every((action, at) => rankOf(action) >= rankOf(actions[at - 1] ?? action))
  const ends = actions.filter(action => rankOf(action) === 3).length
  // to keep a letter says something only together with what the form says by it
  const shouldBeKept = ends === 0 && actions.some(({ kind }) => kind === 'neverJunk')
  return isInOrder && ends <= 1 && isKept === shouldBeKept ? { actions, stops } : undefined
}

function isBare(command: Command | undefined, name: string): boolean {
  return command?.name.toLowerCase() === name && command.args.length === 0 && isSimple(command)
}

function isSimple({ tests, block }: Command): boolean {
  return tests.kind === 'none' && block === undefined
}

function readAction(command: Command): readonly Action[] | undefined {
  if (!isSimple(command)) return undefined
  const name = command.name.toLowerCase()
  if (name === 'fileinto') return readFileInto(command)
  const { key, args } = shapeOf(command)
  if (key === 'discard' && args.length === 0) return [{ kind: 'discard' }]
  const texts = textsOf(args[0])
  if (!texts || args.length !== 1) return undefined
  const [first, ...more] = texts
  if (key === 'addflag') return texts.map(actionOfFlag)
  return key === 'redirect copy' && first !== undefined && more.length === 0
    ? [{ kind: 'forward', to: first }]
    : undefined
}

function actionOfFlag(flag: string): Action {
  switch (flag.toLowerCase()) {
    case '\\flagged':
      return { kind: 'star' }
    case '\\seen':
      return { kind: 'read' }
    case '$notjunk':
      return { kind: 'neverJunk' }
    default:
      return { kind: 'label', keyword: flag }
  }
}

function readFileInto({ args }: Command): readonly Action[] | undefined {
  let id: string | undefined
  let name: string | undefined
  let isCopy = false
  for (let at = 0; at < args.length; at++) {
    const argument = args[at]
    if (argument?.kind === 'tag') {
      const tag = argument.name.toLowerCase()
      if (tag === 'copy') isCopy = true
      else if (tag === 'mailboxid' && id === undefined) id = onlyText(args[++at])
      else if (tag !== 'create') return undefined
      if (tag === 'mailboxid' && id === undefined) return undefined
    } else if (name === undefined) {
      name = onlyText(argument)
      if (name === undefined) return undefined
    } else return undefined
  }
  if (name === undefined) return undefined
  const mailbox: FilterMailbox = { id, name }
  return [{ kind: isCopy ? 'copy' : 'move', mailbox }]
}

function onlyText(argument: Argument | undefined): string | undefined {
  const [text, ...more] = textsOf(argument) ?? []
  return more.length === 0 ? text : undefined
}
