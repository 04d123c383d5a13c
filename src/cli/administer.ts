/** What most commands are: read the configuration, ask one operation, print the answer under the box's name. */
import { printProblem, type Problem } from '#config/problem.ts'
import type { Config } from '#config/schema.ts'
import { loadConfig } from '#config/load.ts'
import { say } from '#base/text.ts'
import type { Answer } from '#roles/admin-operations.ts'
import { type AdminClient, connectAdmin } from './admin-client.ts'
import type { Call } from './command.ts'
import { CouldNotRun, type ExitCode, exitCodes, type Terminal } from './terminal.ts'

export const defaultConfigFile = 'hikyaku.yaml'

export function configFileOf({ configFile, terminal }: Pick<Call, 'configFile' | 'terminal'>): string {
  return configFile ?? terminal.env['HIKYAKU_CONFIG'] ?? defaultConfigFile
}

/** The configuration, or undefined after its problems were printed (exit code 78). Warnings are printed to standard error. */
export function configOf(call: Call): Config | undefined {
  const { terminal } = call
  const loaded = loadConfig(configFileOf(call), terminal.env)
  const problems = 'problems' in loaded ? loaded.problems : loaded.warnings
  if (call.json && 'problems' in loaded) printJson(terminal, { problems })
  else printProblems(terminal, problems)
  return 'config' in loaded ? loaded.config : undefined
}

export function printProblems(terminal: Terminal, problems: readonly Problem[]): void {
  for (const problem of problems) {
    const line = printProblem(problem, terminal.language)
    terminal.err(problem.severity === 'warning' ? `${say(warning, terminal.language)}${line}\n` : `${line}\n`)
  }
}

const warning = { en: 'warning: ', ja: '注意: ' }

/** `print` writes the result for a person; with --json the whole answer is printed instead. */
export async function administer<Result>(
  call: Call,
  operation: string,
  input: object,
  print: (result: Result, terminal: Terminal) => void,
): Promise<ExitCode> {
  return withAdmin(call, async client => printAnswer(call, await client.call(operation, input), print))
}

export async function withAdmin(call: Call, act: (client: AdminClient) => Promise<ExitCode>): Promise<ExitCode> {
  const config = configOf(call)
  if (!config) return exitCodes.badConfig
  await using client = await connectAdmin(config)
  return await act(client)
}

export function printAnswer<Result>(
  call: Call,
  answer: Answer,
  print: (result: Result, terminal: Terminal) => void,
): ExitCode {
  const { terminal } = call
  const code = 'refused' in answer ? exitCodes.refused : exitCodes.well
  if (call.json) {
    printJson(terminal, answer)
    return code
  }
  terminal.out(`${answer.box}\n`)
  if ('refused' in answer) terminal.err(`${answer.refused}: ${say(answer.text, terminal.language)}\n`)
  else print(answer.result as Result, terminal)
  return code
}

export function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value)}\n`)
}

/** A password: from standard input with --password-stdin, else asked for twice. */
export async function newPassword(call: Call): Promise<string> {
  const { terminal } = call
  if (call.options['passwordStdin'] === true) return firstLine(await terminal.input(64 * 1024))
  if (!terminal.interactive)
    throw new CouldNotRun({
      en: 'give the password on standard input with --password-stdin',
      ja: '--password-stdin をつけ、標準入力でパスワードを渡してください',
    })
  const first = await terminal.ask(say({ en: 'Password: ', ja: 'パスワード: ' }, terminal.language), { secret: true })
  const again = await terminal.ask(say({ en: 'Again: ', ja: 'もう一度: ' }, terminal.language), { secret: true })
  if (first === again) return first
  throw new CouldNotRun({ en: 'the two passwords differ', ja: '2つのパスワードが違います' })
}

export function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? ''
}
