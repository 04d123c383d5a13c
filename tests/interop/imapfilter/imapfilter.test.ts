// imapfilter sorts a mailbox by a filter in Lua. See README.md.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { ImapFlow } from 'imapflow'
import { missing } from '../../support/debian.ts'
import { fill, run } from '../../support/peers.ts'
import { farSide, openSession } from '../both-sides.ts'
import { startInteropDemo } from '../demo.ts'
import { japaneseLetter, largeLetter, smallLetter } from '../letters.ts'

const skip = await missing('imapfilter')

describe('imapfilter', { skip, timeout: 60_000 }, () => {
  const scope = new AsyncDisposableStack()
  const [japanese, flagged, large, unwanted, plain, answered] = [
    japaneseLetter(),
    smallLetter(),
    largeLetter(40_000),
    smallLetter(),
    smallLetter(),
    smallLetter(),
  ]
  let far: ImapFlow
  let folder: string
  let ca: string

  before(async () => {
    const at = await startInteropDemo(scope)
    const mailbox = await at.addUser('chika')
    far = await openSession(scope, mailbox)
    ca = mailbox.ca
    folder = join(at.folder, 'imapfilter')
    mkdirSync(folder)
    const values = { ...mailbox, unwanted: unwanted.mark }
    writeFileSync(join(folder, 'filter.lua'), fill(new URL('filter.lua', import.meta.url), values))
    for (const letter of [japanese, large, unwanted, plain]) await far.append('INBOX', letter.bytes)
    await far.append('INBOX', flagged.bytes, ['\\Flagged', '\\Seen'])
    await far.append('INBOX', answered.bytes, ['\\Answered'])
  })
  after(() => scope.disposeAsync())

  test('what the filter says has been done', async () => {
    const args = ['-c', join(folder, 'filter.lua'), '-t', ca]
    const { code, output } = await run('/usr/bin/imapfilter', args, { env: { HOME: folder, LC_ALL: 'C.UTF-8' } })
    assert.equal(code, 0, output)
    const { INBOX, 保管: kept, Important: important } = await farSide(far, ['INBOX', '保管', 'Important'])
    assert.deepEqual(kept, [`${japanese.mark} `])
    assert.deepEqual(important, [`${flagged.mark} FS`])
    const left = [`${flagged.mark} FS`, `${large.mark} S`, `${plain.mark} `, `${answered.mark} R`]
    assert.deepEqual(INBOX, left.sort())
    await far.mailboxOpen('INBOX')
    const filtered = await far.fetchAll('1:*', { flags: true, headers: ['message-id'] })
    const marked = filtered
      .filter(({ flags }) => flags?.has('$Filtered'))
      .map(({ headers }) => headers?.toString() ?? '')
    assert.equal(marked.length, 1)
    assert.ok(marked[0]?.includes(plain.mark))
  })
})
