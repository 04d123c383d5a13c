/**
 * The script that holds the filters: a first line by which it is known, what it requires, the filters, and the script by hand that runs behind them.
 * Whoever changes it by other programs changes it for us too: what the form understands can be edited further, all else is a piece "by hand".
 * Nothing is written anew but what was edited: `printFilters(readFilters(text))` is `text`, octet for octet.
 */
import { Lexer } from '../lexer.ts'
import { parseScript } from '../parse.ts'
import type { Command } from '../syntax.ts'
import type { Filter } from './filter.ts'
import { includeName, printFilter, type Printing, printInclude, quoted } from './print.ts'
import { readFilter } from './read.ts'

export type Piece =
  /** `source`: as it stands in the script; undefined for what was edited or is new */
  | { readonly kind: 'filter'; readonly filter: Filter; readonly source: string | undefined }
  | { readonly kind: 'hand'; readonly text: string }

export type FilterDocument = {
  readonly pieces: readonly Piece[]
  /** The script that runs behind the filters */
  readonly behind: string | null
  /** What else stands there, as it stands */
  readonly rest: {
    /** The first line and what is required, with all that stands between */
    readonly head: string
    readonly requires: readonly string[]
    readonly include: string | undefined
    readonly tail: string
  }
}

const sign = '# Hikyaku filters'
const firstLine = `${sign}: made in the settings. What other programs change here is kept.\r\n`
/** Above the include: as a rule's name, and as it was when the include stood alone */
const includeComments = [`# rule:[${includeName}]`, `# ${includeName}.`]

export const noFilters: FilterDocument = {
  pieces: [],
  behind: null,
  rest: { head: firstLine, requires: [], include: undefined, tail: '' },
}

/** A script is ours by its first line, whatever it is called. */
export function isFilterScript(text: string): boolean {
  return text.startsWith(sign)
}

/** Undefined: it is none of ours. */
export function readFilters(text: string): FilterDocument | undefined {
  if (!isFilterScript(text)) return undefined
  const { script, problems } = parseScript(text)
  const first = lineEnd(text, 0)
  if (problems.length > 0) {
    const rest = { ...noFilters.rest, head: text.slice(0, first) }
    return { ...noFilters, pieces: [{ kind: 'hand', text: text.slice(first) }], rest }
  }
  const begin = script.commands.findIndex(({ name }) => name.toLowerCase() !== 'require')
  const requires = begin < 0 ? script.commands : script.commands.slice(0, begin)
  const lastRequire = requires.at(-1)
  const headEnd = lastRequire ? lineEnd(text, lastRequire.to) : first
  const groups = groupsOf(script.commands.slice(requires.length))
  const reading = readGroups(text, groups, headEnd)
  return {
    pieces: reading.pieces,
    behind: reading.behind,
    rest: {
      head: text.slice(0, headEnd),
      requires: requires.flatMap(stringsOf),
      include: reading.include,
      tail: reading.tail,
    },
  }
}

type Reading = Pick<FilterDocument, 'pieces' | 'behind'> & Pick<FilterDocument['rest'], 'include' | 'tail'>

function readGroups(text: string, groups: readonly (readonly Command[])[], from: number): Reading {
  const pieces: Piece[] = []
  let behind: string | null = null
  let include: string | undefined
  let start = from
  for (const [at, group] of groups.entries()) {
    const [command] = group
    const last = group.at(-1)
    if (!command || !last) continue
    const end = lineEnd(text, last.to)
    const name = at === groups.length - 1 && group.length === 1 ? includedBy(command) : undefined
    const source = text.slice(start, end)
    if (name !== undefined && !hasOtherComments(source)) [behind, include] = [name, source]
    else
      for (const piece of piecesOf({
        before: text.slice(start, command.from),
        code: text.slice(command.from, end),
        group,
      }))
        add(pieces, piece)
    start = end
  }
  const tail = text.slice(start)
  if (tail.trim() === '' || include !== undefined) return { pieces, behind, include, tail }
  add(pieces, { kind: 'hand', text: tail })
  return { pieces, behind, include, tail: '' }
}

/** What is by hand and follows each other is one piece. */
function add(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1)
  if (piece.kind === 'hand' && last?.kind === 'hand')
    pieces[pieces.length - 1] = { kind: 'hand', text: last.text + piece.text }
  else pieces.push(piece)
}

type Source = { readonly before: string; readonly code: string; readonly group: readonly Command[] }

/** A comment that is no name stays by itself, as something by hand. */
function piecesOf({ before, code, group }: Source): readonly Piece[] {
  const [, above = '', named = '', name = ''] =
    /^((?:[^\n]*\n)*?)([ \t]*# rule:\[([^\n]*)\][ \t]*\r?\n\s*)$/.exec(before) ?? []
  const isNamed = named !== ''
  const filter = group.length === 1 ? filterOf(code, group[0], name.trim()) : undefined
  if (!filter) return [{ kind: 'hand', text: before + code }]
  // empty lines belong to what comes below them
  const [comments, empty] = linesWritten(isNamed ? above : before)
  if (comments === '' && empty.trim() === '') return [{ kind: 'filter', filter, source: before + code }]
  // a comment that ends on the line of the command cannot be parted from it
  if (empty.trim() !== '') return [{ kind: 'hand', text: before + code }]
  return [
    { kind: 'hand', text: comments },
    { kind: 'filter', filter, source: empty + named + code },
  ]
}

/** Whole lines up to the last one that has something on it, and what is behind them. By positions: a pattern would look at long texts again and again. */
function linesWritten(text: string): readonly [written: string, rest: string] {
  const written = text.slice(0, text.lastIndexOf('\n') + 1).trimEnd().length
  const end = written === 0 ? 0 : text.indexOf('\n', written) + 1
  return [text.slice(0, end), text.slice(end)]
}

/** `if false # allof (…)` is what is off: the comment is what it would ask. */
function filterOf(code: string, command: Command | undefined, name: string): Filter | undefined {
  if (!command) return undefined
  const [whole, test] = /^if\s+false\s*#[ \t]*([^\r\n]*)\r?\n/i.exec(code) ?? []
  if (whole === undefined || test === undefined)
    return commentsIn(code).length > 0 ? undefined : readFilter(command, { name, isOn: true })
  const inner = `if ${test}\r\n${code.slice(whole.length)}`
  const { script, problems } = parseScript(inner)
  const [only, ...more] = script.commands
  if (problems.length > 0 || !only || more.length > 0 || commentsIn(inner).length > 0) return undefined
  return readFilter(only, { name, isOn: false })
}

function commentsIn(code: string): readonly string[] {
  const lexer = new Lexer(code)
  const comments: string[] = []
  for (;;) {
    const token = lexer.next()
    comments.push(...lexer.comments.map(({ text }) => text))
    if (token.kind === 'end' || token.kind === 'bad') return comments
  }
}

function hasOtherComments(source: string): boolean {
  return commentsIn(source).some(comment => !includeComments.includes(comment.trim()))
}

/** An `if` and what hangs on it. */
function groupsOf(commands: readonly Command[]): readonly (readonly Command[])[] {
  const groups: Command[][] = []
  for (const command of commands) {
    if (/^(?:elsif|else)$/i.test(command.name)) groups.at(-1)?.push(command)
    else groups.push([command])
  }
  return groups
}

/** Alone, or in `if true`. */
function includedBy(command: Command): string | undefined {
  const inner = alwaysRun(command)
  if (inner) return inner.length === 1 && inner[0] ? includedBy(inner[0]) : undefined
  if (command.name.toLowerCase() !== 'include') return undefined
  const tags = command.args.flatMap(argument => (argument.kind === 'tag' ? [argument.name.toLowerCase()] : []))
  const isOurs = tags.includes('optional') && tags.every(tag => ['personal', 'once', 'optional'].includes(tag))
  const [name, ...more] = stringsOf(command)
  return isOurs && more.length === 0 ? name : undefined
}

function alwaysRun({ name, tests, block }: Command): readonly Command[] | undefined {
  if (name.toLowerCase() !== 'if' || tests.kind !== 'one' || !block) return undefined
  const { test } = tests
  const isTrue = test.name.toLowerCase() === 'true' && test.args.length === 0 && test.tests.kind === 'none'
  return isTrue ? block.commands : undefined
}

function stringsOf({ args }: Command): readonly string[] {
  return args.flatMap(argument => (argument.kind === 'strings' ? argument.strings.map(({ text }) => text) : []))
}

/** Behind the line end, where nothing but a comment stands before it; else where it was. */
function lineEnd(text: string, at: number): number {
  const line = /(?:[ \t]*(?:#[^\n]*)?(?:\r?\n|$))?/y
  line.lastIndex = at
  const found = line.exec(text)
  return at + (found?.[0].length ?? 0)
}

export function printFilters(document: FilterDocument, printing: Printing = {}): string {
  const { head, requires, include, tail } = document.rest
  const needs = new Set<string>()
  const texts: string[] = []
  const isOurs = canRenew(document)
  const append = (piece: string) => {
    if (piece === '') return
    if (endsInComment(texts.at(-1) ?? '')) texts.push('\r\n')
    texts.push(piece)
  }
  for (const piece of document.pieces) {
    const printed = piece.kind === 'filter' ? printFilter(piece.filter, printing) : undefined
    const isNew = piece.kind === 'filter' && piece.source === undefined
    if (printed && (isNew || isOurs)) for (const need of printed.needs) needs.add(need)
    append(piece.kind === 'hand' ? piece.text : (piece.source ?? printed?.text ?? ''))
  }
  if (document.behind !== null) {
    append(include ?? printInclude(document.behind))
    needs.add('include')
  }
  append(tail)
  return headFor(document, needs, head, requires) + texts.join('')
}

/** The last line of a script may have no end. A piece begins outside of comments, so that it alone is looked at, whatever stands before it on the line. */
function endsInComment(piece: string): boolean {
  const line = piece.slice(piece.lastIndexOf('\n') + 1)
  return line.includes('#') && commentsIn(line).some(comment => comment.startsWith('#'))
}

/** The other script runs behind the filters; null: none does. */
export function withBehind(document: FilterDocument, behind: string | null): FilterDocument {
  if (behind === document.behind) return document
  return { ...document, behind, rest: { ...document.rest, include: undefined } }
}

/** Nobody else has a part in it: what is required is what we need, and no more. */
function canRenew({ pieces, rest }: FilterDocument): boolean {
  return pieces.every(({ kind }) => kind === 'filter') && rest.head === canonicalHead(rest.requires)
}

function canonicalHead(requires: Iterable<string>): string {
  const names = [...requires].toSorted().map(quoted)
  return names.length === 0 ? firstLine : `${firstLine}require [${names.join(', ')}];\r\n`
}

function headFor(
  document: FilterDocument,
  needs: ReadonlySet<string>,
  head: string,
  requires: readonly string[],
): string {
  const missing = [...needs].filter(need => !requires.includes(need)).toSorted()
  if (missing.length === 0) return head
  if (canRenew(document)) return canonicalHead(needs)
  const begun = head.endsWith('\n') ? head : `${head}\r\n`
  return `${begun}require [${missing.map(quoted).join(', ')}];\r\n`
}
