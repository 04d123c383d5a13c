/** A filter → its `if`, in the form that other programs with forms read as well (`# rule:[name]`, `if false # …` for what is off). */
import { printString } from '../print.ts'
import {
  type Action,
  type Condition,
  type Filter,
  type FilterMailbox,
  inOrder,
  oneLine,
  type TextTest,
} from './filter.ts'

export type Printing = {
  /** Extensions of the server that will run it; without: all */
  readonly offers?: (extension: string) => boolean
}

export type Printed = { readonly text: string; readonly needs: ReadonlySet<string> }

/** With an empty line before it. Lines end with CRLF. */
export function printFilter(filter: Filter, { offers = () => true }: Printing = {}): Printed {
  const writer = new Writer(offers)
  const name = oneLine(filter.name)
  const tests = filter.conditions.map(condition => writer.condition(condition))
  const test = tests.length === 0 ? 'true' : `${filter.match === 'all' ? 'allof' : 'anyof'} (${tests.join(', ')})`
  const commands = writer.actions(filter.actions)
  if (filter.stops) commands.push('stop;')
  const lines = [
    '',
    ...(name === '' ? [] : [`# rule:[${name}]`]),
    ...(filter.isOn ? [`if ${test} {`] : [`if false # ${test}`, '{']),
    ...commands.map(command => `  ${command}`),
    '}',
    '',
  ]
  return { text: lines.join('\r\n'), needs: writer.needs }
}

export const includeName = 'What was active before runs next'

/**
 * With an empty line before it. A rule like the others: where something else follows a rule, Roundcube takes that for an `else`, and writes a `stop`
 * into the rule.
 */
export function printInclude(name: string): string {
  const include = `  include :personal :once :optional ${quoted(name)};`
  return ['', `# rule:[${includeName}]`, 'if true {', include, '}', ''].join('\r\n')
}

export function quoted(text: string): string {
  return printString({ text, multiline: false })
}

class Writer {
  readonly needs = new Set<string>()
  readonly #offers: (extension: string) => boolean

  constructor(offers: (extension: string) => boolean) {
    this.#offers = offers
  }

  condition(condition: Condition): string {
    switch (condition.kind) {
      case 'from':
        return addresses('"from"', condition.test, oneLine(condition.value))
      case 'to':
        return addresses('["to", "cc"]', condition.test, oneLine(condition.value))
      case 'subject':
        return header('"subject"', condition.test, oneLine(condition.value))
      case 'header':
        return header(quoted(oneLine(condition.name)), condition.test, oneLine(condition.value))
      case 'list':
        return list(condition.test, oneLine(condition.value).replaceAll(/[<>]/g, ''))
      case 'body':
        this.needs.add('body')
        return `${notOf(condition.test)}body :text :contains ${quoted(oneLine(condition.value))}`
      case 'attachment':
        this.needs.add('mime')
        return `${condition.test === 'hasNot' ? 'not ' : ''}header :mime :anychild :contains "content-disposition" "attachment"`
      case 'size':
        return `size :${condition.test} ${condition.amount}${condition.unit}`
      default:
        return condition satisfies never
    }
  }

  actions(actions: readonly Action[]): string[] {
    const ordered = inOrder(actions)
    const commands = ordered.map(action => this.#action(action))
    // RFC 5235 and whatever judges junk: a letter that is kept in so many words goes to the inbox
    const isKept =
      ordered.some(({ kind }) => kind === 'neverJunk') &&
      !ordered.some(({ kind }) => kind === 'move' || kind === 'discard')
    return isKept ? [...commands, 'keep;'] : commands
  }

  #action(action: Action): string {
    switch (action.kind) {
      case 'label':
        return this.#flag(oneLine(action.keyword))
      case 'star':
        return this.#flag('\\Flagged')
      case 'read':
        return this.#flag('\\Seen')
      case 'neverJunk':
        return this.#flag('$NotJunk')
      case 'forward':
        this.needs.add('copy')
        return `redirect :copy ${quoted(oneLine(action.to))};`
      case 'copy':
        this.needs.add('copy')
        return `fileinto :copy ${this.#mailbox(action.mailbox)};`
      case 'move':
        return `fileinto ${this.#mailbox(action.mailbox)};`
      case 'discard':
        return 'discard;'
      default:
        return action satisfies never
    }
  }

  #flag(flag: string): string {
    this.needs.add('imap4flags')
    return `addflag ${quoted(flag)};`
  }

  #mailbox({ id, name }: FilterMailbox): string {
    this.needs.add('fileinto').add('mailbox')
    const isById = id !== undefined && this.#offers('mailboxid')
    if (isById) this.needs.add('mailboxid')
    return `${isById ? `:mailboxid ${quoted(id)} ` : ''}:create ${quoted(oneLine(name))}`
  }
}

function addresses(fields: string, test: TextTest | 'domain', value: string): string {
  switch (test) {
    case 'contains':
    case 'notContains':
      return header(fields, test, value)
    case 'is':
    case 'isNot':
      return `${notOf(test)}address :is ${fields} ${quoted(value)}`
    case 'begins':
      return `address :matches ${fields} ${quoted(`${literal(value)}*`)}`
    case 'domain':
      return `address :domain :is ${fields} ${quoted(value)}`
    default:
      return test satisfies never
  }
}

function header(fields: string, test: TextTest, value: string): string {
  switch (test) {
    case 'contains':
    case 'notContains':
      return `${notOf(test)}header :contains ${fields} ${quoted(value)}`
    case 'is':
    case 'isNot':
      return `${notOf(test)}header :is ${fields} ${quoted(value)}`
    case 'begins':
      return `header :matches ${fields} ${quoted(`${literal(value)}*`)}`
    default:
      return test satisfies never
  }
}

/** `Garden club <garden.example.org>`: the brackets say where the identifier begins and ends. */
function list(test: TextTest, value: string): string {
  const written = { contains: value, notContains: value, is: `<${value}>`, isNot: `<${value}>`, begins: `<${value}` }
  return `${notOf(test)}header :contains "list-id" ${quoted(written[test])}`
}

function notOf(test: string): string {
  return test === 'notContains' || test === 'isNot' ? 'not ' : ''
}

/** RFC 5228 §2.7.1: what stands for itself in a pattern */
function literal(value: string): string {
  return value.replaceAll(/[*?\\]/g, '\\$&')
}
