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
  /** `--config` as often as it was given; more than one only where the command `joinsBoxes` */
  readonly configFiles: readonly string[]
}

export type Command = {
  readonly name: string
  readonly text: Text
  readonly arguments?: readonly CommandArgument[]
  readonly options?: readonly CommandOption[]
  readonly subcommands?: readonly Command[]
  /** Takes several `--config`: what it shows runs over more than one box */
  readonly joinsBoxes?: boolean
  readonly run?: (call: Call) => Promise<ExitCode>
}

export function textOption(call: Call, name: string): string | undefined {
  const value = call.options[name]
  return typeof value === 'string' ? value : undefined
}
