/**
 * Syntax tree → text. `parseScript` reads the same tree back, places aside. A program that changes one command of a script that somebody
 * wrote by hand leaves the rest as it stands: it replaces the octets from `from` to `to` of that command.
 */
import type { Argument, Block, Call, Command, Comment, Script, StringValue, Test, Tests } from './syntax.ts'

const step = '  '

export function printScript(script: Script): string {
  return printCommands(script.commands, script.comments, '')
}

export function printCommand(command: Command, indent = ''): string {
  const end = command.block ? ` ${printBlock(command.block, indent)}` : ';'
  return `${indent}${printCall(command, indent)}${end}`
}

function printCommands(commands: readonly Command[], last: readonly Comment[], indent: string): string {
  let text = ''
  for (const command of commands)
    text = `${withComments(text, command.comments, indent)}${printCommand(command, indent)}\r\n`
  return withComments(text, last, indent)
}

/** A comment of the same line goes before the line end that is there already. */
function withComments(text: string, comments: readonly Comment[], indent: string): string {
  for (const { text: comment, sameLine } of comments)
    text = sameLine && text !== '' ? `${text.slice(0, -2)} ${comment}\r\n` : `${text}${indent}${comment}\r\n`
  return text
}

function printBlock(block: Block, indent: string): string {
  // what stands on the line of the brace goes there again
  const inner = printCommands(block.commands, block.comments, indent + step)
  const first = (block.commands[0]?.comments ?? block.comments)[0]
  return first?.sameLine ? `{ ${inner.trimStart()}${indent}}` : `{\r\n${inner}${indent}}`
}

function printCall({ name, args, tests }: Call, indent: string): string {
  return [name, ...args.map(printArgument), ...printTests(tests, indent)].join(' ')
}

function printTests(tests: Tests, indent: string): string[] {
  switch (tests.kind) {
    case 'none':
      return []
    case 'one':
      return [printTest(tests.test, indent)]
    case 'list': {
      const deeper = indent + step
      const inner = tests.tests.map(test => printTest(test, deeper))
      const line = inner.join(', ')
      if (line.length < 80 && !line.includes('\n')) return [`(${line})`]
      return [`(\r\n${inner.map(test => deeper + test).join(',\r\n')}\r\n${indent})`]
    }
  }
}

function printTest(test: Test, indent: string): string {
  return printCall(test, indent)
}

function printArgument(argument: Argument): string {
  switch (argument.kind) {
    case 'number':
      return `${argument.number}${argument.quantifier}`
    case 'tag':
      return `:${argument.name}`
    case 'strings': {
      const strings = argument.strings.map(printString)
      return argument.list ? `[${strings.join(', ')}]` : strings.join('')
    }
  }
}

export function printString({ text, multiline }: Pick<StringValue, 'text' | 'multiline'>): string {
  if (!multiline) return `"${text.replace(/["\\]/g, '\\$&')}"`
  return `text:\r\n${text.replace(/^\./gm, '..')}.\r\n`
}
