import { say } from '#base/text.ts'
import type { Domain } from '#mail/directory.ts'
import { administer } from './administer.ts'
import { type Call, type Command, textOption } from './command.ts'
import { printTable } from './table.ts'
import type { Terminal } from './terminal.ts'

const domainArgument = { name: 'domain', text: { en: 'a domain of ours', ja: '自分のドメイン' } }

export const domain: Command = {
  name: 'domain',
  text: { en: 'the domains whose mail we keep', ja: 'メールを預かるドメイン' },
  subcommands: [
    {
      name: 'add',
      text: { en: 'take a domain in', ja: 'ドメインを加える' },
      arguments: [domainArgument],
      options: [
        {
          flags: '--catch-all <address>',
          text: { en: 'where mail for unknown names goes', ja: '知らない名前宛てのメールの届け先' },
        },
      ],
      run: call => {
        const catchAll = textOption(call, 'catchAll')
        const input = { domain: call.args[0], ...(catchAll !== undefined && { catchAll }) }
        return administer<Domain>(call, 'domain.add', input, (added, terminal) =>
          terminal.out(`${say({ en: `added ${added.name}`, ja: `${added.name} を加えました` }, terminal.language)}\n`),
        )
      },
    },
    {
      name: 'rm',
      text: { en: 'remove a domain without addresses', ja: 'アドレスの無いドメインを外す' },
      arguments: [domainArgument],
      run: call => administer(call, 'domain.rm', { domain: call.args[0] }, done(call)),
    },
    {
      name: 'ls',
      text: { en: 'list them', ja: '一覧' },
      run: call => administer<readonly Domain[]>(call, 'domain.ls', {}, printDomains),
    },
  ],
}

function printDomains(domains: readonly Domain[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  terminal.out(
    printTable(
      domains,
      [
        { title: title('domain', 'ドメイン'), cell: row => row.name },
        { title: title('catch-all', 'その他の届け先'), cell: row => row.catchAll ?? '-' },
      ],
      terminal,
    ),
  )
}

/** Says that it was done, to what. */
export function done(call: Call): (result: unknown, terminal: Terminal) => void {
  return (_, terminal) =>
    terminal.out(`${say({ en: `done: ${call.args[0]}`, ja: `済み: ${call.args[0]}` }, terminal.language)}\n`)
}
