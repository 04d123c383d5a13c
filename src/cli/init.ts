import { access, mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { say, type Text } from '#base/text.ts'
import { isHostName } from '#config/values.ts'
import { writeDurably } from '#net/tls/write-durably.ts'
import { configFileOf, configOf, newPassword, printJson } from './administer.ts'
import { connectAdmin } from './admin-client.ts'
import { type Call, type Command, textOption } from './command.ts'
import { offsetOf } from './demo.ts'
import { CouldNotRun, type ExitCode, exitCodes } from './terminal.ts'

export const init: Command = {
  name: 'init',
  text: {
    en: 'write a first configuration, and add a domain and a user; may be run again',
    ja: '最初の設定ファイルを書き、ドメインと利用者を加える(何度実行しても安全)',
  },
  options: [
    { flags: '--domain <domain>', text: { en: 'your mail domain', ja: 'メールのドメイン' } },
    {
      flags: '--hostname <name>',
      text: {
        en: 'this machine’s mail name (default: mail. and the domain)',
        ja: 'この機械のメール用の名前(既定: mail.ドメイン)',
      },
    },
    {
      flags: '--data <folder>',
      text: {
        en: 'where mail is kept (default: ./data beside the file)',
        ja: 'メールの保管場所(既定: 設定ファイルの横の ./data)',
      },
    },
    { flags: '--user <address>', text: { en: 'the first user', ja: '最初の利用者' } },
    {
      flags: '--password-stdin',
      text: { en: 'read the user’s password from standard input', ja: '利用者のパスワードを標準入力から読む' },
    },
    { flags: '--port-offset <n>', text: { en: 'add this to every port (0)', ja: 'すべてのポートに足す数(0)' } },
  ],
  run: runInit,
}

async function runInit(call: Call): Promise<ExitCode> {
  const { terminal } = call
  const domain = (await answer(call, 'domain', { en: 'Mail domain: ', ja: 'メールのドメイン: ' })).toLowerCase()
  if (!isHostName(domain))
    throw new CouldNotRun({ en: `${domain} is not a domain`, ja: `${domain} はドメインではありません` })
  const file = resolve(configFileOf(call))
  const written = await writeOnce(file, configText(call, domain))
  const config = configOf(call)
  if (!config) return exitCodes.badConfig
  const user = await answer(call, 'user', { en: `First user (name@${domain}): `, ja: `最初の利用者(名前@${domain}): ` })
  await using client = await connectAdmin(config)
  const outcomes = [await client.call('domain.add', { domain })]
  const users = await client.call('user.ls')
  const known =
    'result' in users &&
    (users.result as readonly { address: string }[]).some(item => item.address === user.toLowerCase())
  if (!known) outcomes.push(await client.call('user.add', { address: user, password: await newPassword(call) }))
  const refused = outcomes.find(outcome => 'refused' in outcome && outcome.refused !== 'exists')
  if (call.json) {
    printJson(terminal, { config: file, written, ...(refused ?? { box: outcomes[0]?.box, domain, user }) })
    return refused ? exitCodes.refused : exitCodes.well
  }
  terminal.out(`${outcomes[0]?.box}\n`)
  if (refused && 'refused' in refused) {
    terminal.err(`${refused.refused}: ${say(refused.text, terminal.language)}\n`)
    return exitCodes.refused
  }
  terminal.out(`${say(summary(file, written, user), terminal.language)}\n`)
  return exitCodes.well
}

function summary(file: string, written: boolean, user: string): Text {
  return {
    en: `${file}: ${written ? 'written' : 'left as it was'}\n${user} can log in\nnow: hikyaku serve --config ${file}`,
    ja: `${file}: ${written ? '書きました' : '元のままです'}\n${user} でログインできます\n次は: hikyaku serve --config ${file}`,
  }
}

async function answer(call: Call, option: string, question: Text): Promise<string> {
  const given = textOption(call, option)
  if (given !== undefined) return given
  if (call.terminal.interactive) return (await call.terminal.ask(say(question, call.terminal.language))).trim()
  throw new CouldNotRun({ en: `--${option} is needed`, ja: `--${option} が必要です` })
}

/** True when it was written; a file that exists is never touched. */
async function writeOnce(file: string, text: string): Promise<boolean> {
  try {
    await access(file)
    return false
  } catch {
    await mkdir(dirname(file), { recursive: true })
    await writeDurably(file, text, 0o640)
    return true
  }
}

const services = [
  ['mx', 25],
  ['submission', 587],
  ['submissions', 465],
  ['imap', 143],
  ['imaps', 993],
  ['pop3s', 995],
  ['managesieve', 4190],
] as const

function configText(call: Call, domain: string): string {
  const hostname = textOption(call, 'hostname') ?? `mail.${domain}`
  const data = textOption(call, 'data')
  const offset = offsetOf(textOption(call, 'portOffset'), 0)
  const listen = services.map(([service, port]) => `  - { service: ${service}, port: ${port + offset} }`)
  return `# Hikyaku. Every key: docs/config.md, or hikyaku config schema.
role: both
hostname: ${JSON.stringify(hostname)}
data: ${JSON.stringify(data === undefined ? './data' : resolve(data))}
language: ${call.terminal.language}
listen:
${listen.join('\n')}
tls:
  # Its own CA, made in the data folder. With a certificate of a public CA, name its files under certificates instead.
  localCa: true
home:
  # Where home writes its domains and recipients, and the gateway in the same process reads them.
  recipientsFile: ${JSON.stringify(join(data === undefined ? './data' : resolve(data), 'recipients.json'))}
`
}
