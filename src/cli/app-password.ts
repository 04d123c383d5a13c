import { say } from '#base/text.ts'
import type { NamedSecret } from '#mail/access/named-secrets.ts'
import { administer } from './administer.ts'
import { type Command, textOption } from './command.ts'
import { done } from './domain.ts'
import { plain, printTable } from './table.ts'
import { CouldNotRun, type Terminal } from './terminal.ts'

const address = { name: 'address', text: { en: 'the user’s full address', ja: '利用者のアドレス(@を含む)' } }

export const appPassword: Command = {
  name: 'app-password',
  text: {
    en: 'passwords for single programs and devices, each revoked alone',
    ja: 'アプリや端末ごとのパスワード(1つずつ取り消せる)',
  },
  subcommands: [
    {
      name: 'add',
      text: { en: 'make one and show it, this once', ja: '作って表示する(表示はこの1回だけ)' },
      arguments: [address],
      options: [
        {
          flags: '--name <name>',
          text: { en: 'what it is for, such as “phone”', ja: '使い道の名前(「携帯電話」など)' },
        },
      ],
      run(call) {
        const name = textOption(call, 'name')
        if (name === undefined)
          throw new CouldNotRun({ en: 'say what it is for with --name', ja: '--name で使い道を指定してください' })
        return administer<{ password: string }>(
          call,
          'user.app-password.add',
          { address: call.args[0], name },
          ({ password }, terminal) => terminal.out(`${password}\n`),
        )
      },
    },
    {
      name: 'list',
      text: { en: 'list them, with their last use', ja: '一覧(最終使用日時つき)' },
      arguments: [address],
      run: call =>
        administer<readonly NamedSecret[]>(call, 'user.app-password.list', { address: call.args[0] }, printAll),
    },
    {
      name: 'remove',
      text: { en: 'revoke one: its connections end', ja: '取り消す(そのパスワードの接続は切れる)' },
      arguments: [address, { name: 'id', text: { en: 'as the list shows it', ja: '一覧に出るID' } }],
      run: call =>
        administer(call, 'user.app-password.remove', { address: call.args[0], id: call.args[1] }, done(call)),
    },
  ],
}

function printAll(all: readonly NamedSecret[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  const time = (at: number | undefined) => (at === undefined ? '-' : new Date(at).toISOString().slice(0, 16))
  terminal.out(
    printTable(
      all,
      [
        { title: 'ID', cell: row => row.id },
        { title: title('name', '名前'), cell: row => plain(row.name) },
        { title: title('made', '作成'), cell: row => time(row.createdAt) },
        { title: title('last used', '最終使用'), cell: row => time(row.lastUsedAt) },
      ],
      terminal,
    ),
  )
}
