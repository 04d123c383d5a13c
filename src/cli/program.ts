/** The command line: commander, made from the table of commands, in the person's language. */
import { Command as Program, CommanderError, Option } from 'commander'
import { type Language, languageOf, say, type Text } from '#base/text.ts'
import type { Call, Command, CommandArgument } from './command.ts'
import { commands } from './commands.ts'
import { failureText } from './failure-text.ts'
import { mistakeText } from './mistakes.ts'
import { CouldNotRun, type ExitCode, exitCodes, type Terminal } from './terminal.ts'

export const commonOptions = [
  {
    flags: '--config <file>',
    text: {
      en: 'the installation’s configuration (default: $HIKYAKU_CONFIG, else hikyaku.yaml here)',
      ja: '設定ファイル(既定: $HIKYAKU_CONFIG、無ければこのフォルダの hikyaku.yaml)',
    },
  },
  { flags: '--json', text: { en: 'print one JSON value', ja: 'JSONで出力する' } },
  { flags: '--language <en|ja>', text: { en: 'language of texts', ja: '表示の言語' } },
] as const

export const programText: Text = {
  en: 'A mail system for people who keep their mail at home.',
  ja: 'メールを自宅に置く人のためのメールシステム。',
}

/** Runs one command line (without node and the script). Never throws. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.well
  const program = buildProgram(terminal, async (command, call) => {
    code = (await command.run?.(call)) ?? exitCodes.well
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    return codeOf(error, terminal)
  }
}

/** `--language`, else the terminal's. Looked for before anything is parsed, since help itself has a language. */
export function languageOfArguments(argv: readonly string[], env: Terminal['env']): Language {
  const at = argv.findIndex(word => word === '--language' || word.startsWith('--language='))
  const word = at < 0 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1])
  return word === 'en' || word === 'ja' ? word : languageOf(env)
}

type Start = (command: Command, call: Call) => Promise<void>

export function buildProgram(terminal: Terminal, start: Start): Program {
  const program = dress(new Program('hikyaku'), programText, terminal)
  for (const command of commands) program.addCommand(build(command, terminal, start))
  return program
}

function build(command: Command, terminal: Terminal, start: Start): Program {
  const built = dress(new Program(command.name), command.text, terminal)
  for (const argument of command.arguments ?? [])
    built.argument(notation(argument), say(argument.text, terminal.language))
  for (const inner of command.subcommands ?? []) built.addCommand(build(inner, terminal, start))
  if (!command.run) return built
  for (const option of [...(command.options ?? []), ...commonOptions])
    built.addOption(optionOf(option.flags, say(option.text, terminal.language)))
  return built.action(async () => {
    const options = built.opts<Record<string, unknown>>()
    const configFiles = Array.isArray(options['config']) ? (options['config'] as readonly string[]) : []
    if (configFiles.length > 1 && !command.joinsBoxes) throw new CouldNotRun(oneConfig)
    const [configFile] = configFiles
    const json = options['json'] === true
    await start(command, { terminal, args: built.args, options: plainOptions(options), json, configFile, configFiles })
  })
}

const oneConfig: Text = {
  en: 'this command works on one installation: give --config once',
  ja: 'このコマンドの対象は1つです。--config は1回だけ指定してください',
}

function optionOf(flags: string, text: string): Option {
  const option = new Option(flags, text)
  if (!flags.startsWith('--config ')) return option
  return option.argParser((file: string, before: readonly string[] | undefined) => [...(before ?? []), file])
}

function plainOptions(options: Readonly<Record<string, unknown>>): Call['options'] {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === 'string' || typeof value === 'boolean' ? value : undefined,
    ]),
  )
}

function dress(program: Program, text: Text, terminal: Terminal): Program {
  const { language } = terminal
  return (
    program
      .description(say(text, language))
      .helpOption('-h, --help', say({ en: 'show this help', ja: 'この説明を表示する' }, language))
      .helpCommand(false)
      // `tls client --config FILE`: the option is the inner command's
      .enablePositionalOptions()
      .exitOverride()
      .allowExcessArguments(false)
      .configureOutput({
        writeOut: terminal.out,
        writeErr: text => terminal.err(mistakeText(text, language)),
        getOutHelpWidth: () => terminal.columns ?? 100,
      })
      .configureHelp({ styleTitle: title => titles[language][title] ?? title })
  )
}

const titles: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {},
  ja: { 'Usage:': '使い方:', 'Options:': 'オプション:', 'Commands:': 'コマンド:', 'Arguments:': '引数:' },
}

export function notation({ name, optional, variadic }: CommandArgument): string {
  const inner = variadic ? `${name}...` : name
  return optional ? `[${inner}]` : `<${inner}>`
}

function codeOf(error: unknown, terminal: Terminal): ExitCode {
  // commander has printed its sentence already; help itself is no failure
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.well : exitCodes.couldNotRun
  terminal.err(`hikyaku: ${say(failureText(error), terminal.language)}\n`)
  return exitCodes.couldNotRun
}
