/** A command is data plus a function; the program, its help and docs/cli.md are made from these. */
import type { Text } from '#base/text.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export type CommandArgument = {
  readonly name: string
  readonly text: Text
  readonly optional?: boolean
  readonly variadic?: boolean
}

export type CommandOption = {
  /** `--data FOLDER`, `--dry-run`, `--from <address>` in commander's notation */
  readonly flags: string
  readonly text: Text
}

export type Call = {
  readonly terminal: Terminal
  /** In the order of `arguments`; a variadic one is the rest */
  readonly args: readonly string[]
  /** By their long name in camelCase */
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly json: boolean
  /** As given; undefined when not */
  readonly configFile: string | undefined
}

export type Command = {
  readonly name: string
  readonly text: Text
  readonly arguments?: readonly CommandArgument[]
  readonly options?: readonly CommandOption[]
  readonly subcommands?: readonly Command[]
  readonly run?: (call: Call) => Promise<ExitCode>
}

export function textOption(call: Call, name: string): string | undefined {
  const value = call.options[name]
  return typeof value === 'string' ? value : undefined
}
