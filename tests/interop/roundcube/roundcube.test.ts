// Roundcube before a home of ours, as its user sees it in Debian's Chromium. See README.md.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { createTransport } from 'nodemailer'
import { noFilters, type Piece, printFilters, readFilters } from '#formats/sieve/filters/document.ts'
import { missing } from '../../support/debian.ts'
import { eventually, freePorts } from '../../support/peers.ts'
import { openPage, startBrowser, type WatchedPage } from '../../webmail/browser.ts'
import { passwordOf, startWebmailHome, type WebmailHome } from '../../webmail/home.ts'
import { foldersOf, letterIn, lettersIn } from './letters.ts'
import {
  createButton,
  fromMenu,
  openForm,
  openLetter,
  openSettings,
  rows,
  save,
  search,
  sendAway,
  setRecipient,
  signIn,
  subjects,
} from './pages.ts'
import { type Roundcube, startRoundcube } from './roundcube.ts'
import { complaints } from './complaints.ts'

const skip = await missing('roundcube', 'nginx', 'chromium')

const starred = {
  kind: 'filter',
  source: undefined,
  filter: {
    name: '太郎',
    isOn: true,
    match: 'all',
    conditions: [{ kind: 'from', test: 'is', value: 'taro@home.test' }],
    actions: [{ kind: 'star' }],
    stops: false,
  },
} as const satisfies Piece
const byHand: Piece = { kind: 'hand', text: '# rule:[by hand]\r\nif not exists "x-nothing" { addflag "byhand"; }\r\n' }

describe('Roundcube', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let home: WebmailHome
  let roundcube: Roundcube
  let page: WatchedPage
  let submission: number
  let ca: string

  before(async () => {
    const ports = await freePorts('imaps', 'submission', 'managesieve')
    const listen = Object.entries(ports).map(
      ([service, port]) => `{ service: ${service}, address: 127.0.0.1, port: ${port} }`,
    )
    home = await startWebmailHome(scope, { listen })
    submission = ports.submission
    ca = join(home.folder, 'data', 'ca', 'ca.crt')
    roundcube = await startRoundcube(scope, home.folder, { ...ports, ca })
    page = await openPage(await startBrowser(scope), roundcube.origin)
    await signIn(page, 'hanako')
  })
  after(() => scope.disposeAsync())

  const subjectsIn = async (folder: string) => (await lettersIn(home, 'hanako', folder)).map(({ subject }) => subject)

  async function taroWrites(subject: string): Promise<void> {
    const transport = createTransport({
      host: 'localhost',
      port: submission,
      requireTLS: true,
      auth: { user: 'taro@home.test', pass: passwordOf('taro') },
      tls: { ca: readFileSync(ca), servername: 'mail.home.test' },
    })
    const given = { from: '太郎 <taro@home.test>', to: 'hanako@home.test', subject, text: 'こんにちは。' }
    await transport.sendMail(given)
    transport.close()
  }

  test('lists the inbox and the folders by their use, whatever their names', async () => {
    assert.equal(await rows(page).count(), (await subjectsIn('inbox')).length)
    const folders = await page
      .locator('#mailboxlist > li')
      .evaluateAll(items => items.map(({ className }) => className.split(' ')[1]))
    assert.deepEqual(folders, ['inbox', 'drafts', 'sent', 'junk', 'trash', 'archive'])
  })

  test('shows a letter in Shift_JIS, gives its file octet for octet, and marks it read', async () => {
    const frame = await openLetter(page, '見積書をお送りします')
    assert.match(await frame.locator('#messagebody').innerText(), /佐藤工務店です/)
    const file = frame.locator('#attachment-list a', { hasText: '見積書一式.zip' }).first()
    const got = await page.request.get(new URL((await file.getAttribute('href')) ?? '', page.url()).href)
    assert.deepEqual(await got.body(), await fileOf('見積書をお送りします'))
    await eventually(
      'it is read',
      async () => (await letterIn(home, 'hanako', 'inbox', '見積書をお送りします')).keywords['$seen'],
    )
  })

  /** The first attachment's octets, by our own JMAP. */
  async function fileOf(subject: string): Promise<Buffer> {
    const [, got] = await home.jmap(
      'hanako',
      ['Email/query', { filter: { subject } }],
      ['Email/get', { '#ids': { resultOf: 'c0', name: 'Email/query', path: '/ids' }, properties: ['attachments'] }],
    )
    const [email] = (got?.[1]['list'] ?? []) as readonly { attachments: readonly { blobId: string }[] }[]
    const account = String(got?.[1]['accountId'])
    const authorization = `Basic ${Buffer.from(`hanako@home.test:${passwordOf('hanako')}`).toString('base64')}`
    const url = `${home.origin}/jmap/download/${account}/${email?.attachments[0]?.blobId}/x?accept=application/zip`
    const response = await fetch(url, { headers: { authorization } })
    assert.equal(response.status, 200)
    return Buffer.from(await response.arrayBuffer())
  }

  test('finds Japanese words in subjects and inside of letters', async () => {
    await search(page, '請求書')
    assert.deepEqual(await subjects(page), ['株式会社飛脚堂　請求書在中①'])
    await search(page, '玄関まわり', true)
    assert.deepEqual(await subjects(page), ['見積書をお送りします'])
  })

  test('answers: it arrives, its copy stands in Sent once, and the letter is marked as answered', async () => {
    await page.goto('/?_task=mail')
    await openLetter(page, '今日の夕方')
    await page.locator('#toolbar-menu a.reply').click()
    await page.locator('#composebody').fill('八時に駅で。おにぎりを持っていきます。')
    await page.locator('#compose-subject').fill('週末の山登り（駅で）')
    await setRecipient(page, 'taro@home.test')
    await page.locator('button.send').first().click()
    await letterIn(home, 'taro', 'inbox', '週末の山登り（駅で）')
    await rows(page).first().waitFor()
    assert.equal((await subjectsIn('sent')).filter(subject => subject.includes('駅で')).length, 1)
    await eventually('it is answered', async () =>
      (await lettersIn(home, 'hanako', 'inbox')).some(({ keywords }) => keywords['$answered']),
    )
  })

  test('makes a folder, moves a letter there, and renames it', async () => {
    await openSettings(page, 'folders')
    const fresh = await openForm(page, createButton(page))
    await fresh.locator('#_name').fill('旅行')
    await save(page, fresh)
    await page.goto('/?_task=mail')
    await openLetter(page, '運動会')
    await fromMenu(page, 'more', 'move')
    await page.locator('#folder-selector a', { hasText: '旅行' }).click()
    await letterIn(home, 'hanako', '旅行', '運動会のお知らせと持ち物について')
    await openSettings(page, 'folders')
    const renamed = await openForm(page, page.locator('#subscription-table a', { hasText: '旅行' }))
    await renamed.locator('#_name').fill('旅行と行事')
    await save(page, renamed)
    assert.deepEqual(await subjectsIn('旅行と行事'), ['運動会のお知らせと持ち物について'])
    assert.ok(!(await foldersOf(home, 'hanako')).some(({ name }) => name === '旅行'))
  })

  test('flags, archives, calls a letter junk, deletes one into the trash', async () => {
    await page.goto('/?_task=mail')
    await openLetter(page, '今日の夕方')
    await fromMenu(page, 'markmessage', 'flag')
    await sendAway(page, 'Your letter arrived', () => page.locator('#toolbar-menu a.archive').click())
    await sendAway(page, 'November', () => page.locator('#toolbar-menu a.junk').click())
    await sendAway(page, '株式会社飛脚堂', () => page.keyboard.press('Delete'))
    assert.ok((await letterIn(home, 'hanako', 'inbox', '今日の夕方')).keywords['$flagged'])
    await letterIn(home, 'hanako', 'archive', 'Your letter arrived')
    const junk = await letterIn(home, 'hanako', 'junk', 'November: persimmon, cedar smoke, first frost')
    assert.ok(junk.keywords['junk'], JSON.stringify(junk))
    await letterIn(home, 'hanako', 'trash', '株式会社飛脚堂　請求書在中①')
  })

  test('a filter by its form files letters into a mailbox of Japanese name, and goes on behind those of our settings', async () => {
    await makeFilter('登山', '登山', '旅行と行事')
    await taroWrites('登山の計画')
    await letterIn(home, 'hanako', '旅行と行事', '登山の計画')
    const text = printFilters({ ...noFilters, pieces: [byHand, starred] })
    const [set] = await home.jmap('hanako', ['FilterScript/set', { update: { singleton: { text, isEnabled: true } } }])
    assert.ok(set?.[1]['updated'], JSON.stringify(set))
    await taroWrites('登山の持ち物')
    const { keywords } = await letterIn(home, 'hanako', '旅行と行事', '登山の持ち物')
    assert.ok(keywords['$flagged'] && keywords['byhand'], JSON.stringify(keywords))
  })

  test('it writes a filter among ours: they say what they said, with what was written by hand', async () => {
    await makeFilter('釣り', '釣り', '旅行と行事')
    const script = await filterScript()
    assert.deepEqual(script.runs, ['filters', 'script'])
    const read = readFilters(script.text)?.pieces.map(piece =>
      piece.kind === 'filter' ? { ...piece.filter } : piece.text.replaceAll(/\s+/g, ' ').trim(),
    )
    assert.deepEqual(read?.slice(0, 2), [
      '# rule:[by hand] if not exists "x-nothing" { addflag "byhand"; }',
      starred.filter,
    ])
    assert.match(JSON.stringify(read?.[2]), /include :once :optional :personal \\"roundcube\\";/)
    assert.equal(read?.length, 4)
    await taroWrites('釣りの話')
    const { keywords } = await letterIn(home, 'hanako', '旅行と行事', '釣りの話')
    assert.ok(keywords['$flagged'] && keywords['byhand'], JSON.stringify(keywords))
  })

  async function filterScript(): Promise<{ readonly text: string; readonly runs: readonly string[] }> {
    const [got] = await home.jmap('hanako', ['FilterScript/get', {}])
    const [script] = (got?.[1]['list'] ?? []) as readonly { text: string; runs: readonly { kind: string }[] }[]
    return { text: script?.text ?? '', runs: script?.runs.map(({ kind }) => kind) ?? [] }
  }

  test('its vacation answers, and our filters run on', async () => {
    await openSettings(page, 'plugin.managesieve-vacation')
    await page.locator('#vacation_subject').fill('留守にしています')
    await page.locator('#vacation_reason').fill('月曜に戻ります。')
    await page.locator('#vacation_status').selectOption('on')
    await save(page, page)
    await taroWrites('登山に行けますか')
    await letterIn(home, 'taro', 'inbox', '留守にしています')
    assert.ok((await letterIn(home, 'hanako', '旅行と行事', '登山に行けますか')).keywords['$flagged'])
    assert.deepEqual((await filterScript()).runs, ['filters', 'script'])
  })

  test('nothing was refused and nothing complained of on the way; its cache asks for what has changed only', () => {
    assert.deepEqual(complaints(roundcube), [])
    assert.deepEqual(page.faults, [])
    assert.match(roundcube.log('imap'), /C: A\d+ UID FETCH \S+ \(FLAGS\) \(CHANGEDSINCE \d+ VANISHED\)/)
    assert.match(roundcube.log('smtp'), /Send: RCPT TO/)
    assert.match(roundcube.log('sieve'), /C: PUTSCRIPT "Filters"/)
  })

  async function makeFilter(name: string, word: string, folder: string): Promise<void> {
    await openSettings(page, 'plugin.managesieve')
    const form = await openForm(page, createButton(page))
    await form.locator('#_name').fill(name)
    await form.locator('input[name="_rule_target[0][]"]').fill(word)
    await form.locator('#action_mailbox0').selectOption({ label: folder })
    await save(page, form)
  }
})
