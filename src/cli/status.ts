import { say } from '#base/text.ts'
import type { StatusReport } from '#mail/status.ts'
import { administer } from './administer.ts'
import type { Command } from './command.ts'
import { plain } from './table.ts'
import type { Terminal } from './terminal.ts'

export const status: Command = {
  name: 'status',
  text: { en: 'how this box is', ja: 'この機械の状態' },
  run: call => administer(call, 'status', {}, printStatus),
}

const marks = { well: '✓', waiting: '…', broken: '✗' } as const
const colors = { well: 32, waiting: 33, broken: 31 } as const

function printStatus(report: StatusReport, terminal: Terminal): void {
  const { language, color } = terminal
  for (const leg of report.legs) {
    const mark = color ? `\u001b[${colors[leg.health]}m${marks[leg.health]}\u001b[0m` : marks[leg.health]
    terminal.out(`${mark} ${leg.id}: ${plain(say(leg.says, language))}\n`)
  }
  const { domains, users, queued, sessions } = report.counts
  const counts = {
    en: `${domains} domains, ${users} users, ${queued} messages waiting, ${sessions} sessions`,
    ja: `ドメイン ${domains}、利用者 ${users}、待機中のメール ${queued}、接続 ${sessions}`,
  }
  terminal.out(`${say(counts, language)}\n`)
  const since = new Date(report.startedAt).toISOString()
  terminal.out(
    `${say({ en: `version ${report.version}, up since ${since}`, ja: `バージョン ${report.version}、起動 ${since}` }, language)}\n`,
  )
}
