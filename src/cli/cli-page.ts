/** docs/cli.md from the table of commands. */
import { type Language, say, type Text } from '#base/text.ts'
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { commonOptions, notation, programText } from './program.ts'

const words = {
  title: { en: 'Command line', ja: 'コマンドライン' },
  generated: {
    en: 'Generated from the commands by `npm run docs`.',
    ja: '`npm run docs` がコマンドから生成しています。',
  },
  about: {
    en: 'Commands speak to the running server over `admin.sock` in its data folder; when none runs, they open the data folder themselves. The first line of an answer is `role@host`: which box has spoken. Exit codes: 0 well, 1 a refusal or finding, 2 could not run, 78 a configuration that cannot run.',
    ja: 'コマンドは、動いているサーバーとデータフォルダの `admin.sock` で話します。動いていなければデータフォルダを自分で開きます。答えの1行目は `役割@ホスト`、つまりどの機械が答えたかです。終了コード: 0 正常、1 拒否または指摘あり、2 実行できない、78 動かせない設定。',
  },
  common: { en: 'On every command', ja: 'すべてのコマンドで' },
} satisfies Readonly<Record<string, Text>>

export function cliPage(language: Language): string {
  const parts = [
    `# ${say(words.title, language)}`,
    `${say(programText, language)} ${say(words.generated, language)}`,
    say(words.about, language),
    `## ${say(words.common, language)}`,
    options(commonOptions, language),
    ...commands.flatMap(command => describe(command, 'hikyaku', language)),
  ]
  return `${parts.join('\n\n')}\n`
}

function describe(command: Command, before: string, language: Language): readonly string[] {
  const name = `${before} ${command.name}`
  const given = command.arguments ?? []
  const usage = [name, ...given.map(notation)].join(' ')
  const level = before === 'hikyaku' ? '##' : '###'
  const list = [
    ...given.map(argument => ({ flags: notation(argument), text: argument.text })),
    ...(command.options ?? []),
  ]
  return [
    `${level} ${usage}`,
    sentence(say(command.text, language), language),
    ...(list.length > 0 ? [options(list, language)] : []),
    ...(command.subcommands ?? []).flatMap(inner => describe(inner, name, language)),
  ]
}

function options(list: readonly { readonly flags: string; readonly text: Text }[], language: Language): string {
  return list.map(({ flags, text }) => `- \`${flags}\`: ${say(text, language)}`).join('\n')
}

function sentence(text: string, language: Language): string {
  return language === 'en' ? `${text.charAt(0).toUpperCase()}${text.slice(1)}.` : `${text}。`
}
