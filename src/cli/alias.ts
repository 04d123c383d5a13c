import { say } from '#base/text.ts'
import type { Alias } from '#mail/directory.ts'
import { administer } from './administer.ts'
import type { Command } from './command.ts'
import { done } from './domain.ts'
import { printTable } from './table.ts'

const address = { name: 'address', text: { en: 'the further address', ja: '別名のアドレス' } }

export const alias: Command = {
  name: 'alias',
  text: { en: 'further addresses of our users', ja: '利用者の別名アドレス' },
  subcommands: [
    {
      name: 'add',
      text: { en: 'let an address reach users', ja: 'アドレスを利用者に届ける' },
      arguments: [
        address,
        {
          name: 'target',
          text: { en: 'addresses of ours that get its mail', ja: '届け先(自分のアドレス)' },
          variadic: true,
        },
      ],
      run: call => administer(call, 'alias.add', { address: call.args[0], targets: call.args.slice(1) }, done(call)),
    },
    {
      name: 'rm',
      text: { en: 'remove it', ja: '取り除く' },
      arguments: [address],
      run: call => administer(call, 'alias.rm', { address: call.args[0] }, done(call)),
    },
    {
      name: 'ls',
      text: { en: 'list them', ja: '一覧' },
      run: call =>
        administer<readonly Alias[]>(call, 'alias.ls', {}, (aliases, terminal) => {
          const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
          const table = printTable(
            aliases,
            [
              { title: title('address', 'アドレス'), cell: row => row.address },
              { title: title('reaches', '届け先'), cell: row => row.targets.join(', ') },
            ],
            terminal,
          )
          terminal.out(table)
        }),
    },
  ],
}
