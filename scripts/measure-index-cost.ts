// `node scripts/measure-index-cost.ts FOLDER_OF_ACCOUNT [--batch 1500] [--rounds 3] [--calm]`: what indexing its letters costs, processor time a letter of the whole
// process, with as many letters in a batch, as if they kept coming (or, --calm, with all that is left for later). The account is only read; the index is made elsewhere.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { advance } from '#store/search/advance.ts'
import { openIndexForWriting } from '#store/search/index-file.ts'
import { Database } from '#store/sqlite.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: 'string', default: '1500' },
    rounds: { type: 'string', default: '3' },
    calm: { type: 'boolean', default: false },
  },
})
const [accountFolder = '.'] = positionals

// the first round warms up
for (let round = 0; round < Number(values.rounds); round++) {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-index-'))
  try {
    measure(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function measure(folder: string): void {
  using account = new Database(join(accountFolder, 'account.db'), { durability: 'FULL', readOnly: true })
  using index = openIndexForWriting(folder)
  const letters = Number(account.prepare('SELECT count(*) AS count FROM email').get()?.['count'])
  const input = { account, accountFolder, index, maxLetters: Number(values.batch), busy: !values.calm }
  const before = process.cpuUsage()
  while (advance(input)?.more);
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(
    `${letters} letters: ${(user / letters).toFixed(0)} + ${(system / letters).toFixed(0)} µs a letter\n`,
  )
}
