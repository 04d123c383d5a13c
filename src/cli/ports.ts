import { say } from '#base/text.ts'
import type { StatusReport } from '#mail/status.ts'
import { administer } from './administer.ts'
import type { Command } from './command.ts'
import { printTable } from './table.ts'

export const ports: Command = {
  name: 'ports',
  text: { en: 'what listens where, and which protocol it speaks', ja: 'どのポートで何が待ち受けているか' },
  run: call =>
    administer<StatusReport['listeners']>(call, 'ports', {}, (listeners, terminal) => {
      const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
      const table = printTable(
        listeners,
        [
          { title: title('service', 'サービス'), cell: row => row.service },
          { title: title('address', 'アドレス'), cell: row => row.address },
          { title: title('port', 'ポート'), cell: row => row.port, right: true },
        ],
        terminal,
      )
      terminal.out(table)
    }),
}
