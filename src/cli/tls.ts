import { say } from '#base/text.ts'
import type { CertificateReport } from '#net/tls/certificate-store.ts'
import { administer } from './administer.ts'
import type { Command } from './command.ts'
import { plain, printTable } from './table.ts'
import type { Terminal } from './terminal.ts'

export const tls: Command = {
  name: 'tls',
  text: { en: 'the certificates that are served: names, expiry, problems', ja: '使用中の証明書(名前、期限、問題)' },
  run: call => administer<readonly CertificateReport[]>(call, 'tls', {}, printCertificates),
}

function printCertificates(reports: readonly CertificateReport[], terminal: Terminal): void {
  const title = (en: string, ja: string) => say({ en, ja }, terminal.language)
  const same = title('same', '同じ')
  const differs = title('differs', '異なる')
  terminal.out(
    printTable(
      reports,
      [
        { title: title('names', '名前'), cell: row => row.names.join(', ') },
        { title: title('key', '鍵'), cell: row => row.keyType ?? '-' },
        { title: title('days left', '残り日数'), cell: row => row.daysLeft ?? '-', right: true },
        { title: title('issuer', '発行者'), cell: row => row.issuer ?? '-' },
        { title: title('on disk', 'ファイル'), cell: row => (row.served === row.onDisk ? same : differs) },
        { title: title('file', '場所'), cell: row => row.files.cert },
      ],
      terminal,
    ),
  )
  for (const { problems } of reports)
    for (const problem of problems) terminal.out(`${problem.code}: ${plain(say(problem.text, terminal.language))}\n`)
}
