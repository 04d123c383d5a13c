// Filters in a real browser: made from a letter, they file the next one that is delivered; what other programs write beside them stays.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { bringByLmtp } from '../scenarios/bring.ts'
import { plain, Wire } from '../scenarios/wire.ts'
import { freePorts } from '../support/peers.ts'
import { barriers, chromiumMissing, type Looks, openPage, signIn, startBrowser, type WatchedPage } from './browser.ts'
import { type Person, passwordOf, startWebmailHome, type WebmailHome } from './home.ts'

const skip = await chromiumMissing()
const scope = new AsyncDisposableStack()
let home: WebmailHome
let browser: Browser
let ports: Record<'lmtp' | 'sieve', number>

before(async () => {
  if (skip) return
  ports = await freePorts('lmtp', 'sieve')
  home = await startWebmailHome(scope, {
    listen: [
      `{ service: lmtp, address: 127.0.0.1, port: ${ports.lmtp}, tls: off, unauthenticated: true }`,
      `{ service: managesieve, address: 127.0.0.1, port: ${ports.sieve} }`,
    ],
  })
  browser = await startBrowser(scope)
})
after(() => scope.disposeAsync())

async function onPage(looks: Looks, person: Person, act: (page: WatchedPage) => Promise<void>): Promise<void> {
  const page = await openPage(browser, home.origin, looks)
  try {
    await signIn(page, person)
    await act(page)
    assert.deepEqual(page.faults, [])
  } finally {
    await page.context().close()
  }
}

async function settings(page: Page, [menu, item, tab]: readonly [string, string, string]): Promise<Locator> {
  await page.getByRole('button', { name: menu }).click()
  await page.getByRole('menuitem', { name: item }).click()
  await page.getByRole('tab', { name: tab }).click()
  return page.getByRole('tabpanel')
}

async function deliver(person: Person, subject: string, more = ''): Promise<void> {
  const fields = `From: 会報 <news@garden.example.org>\nTo: ${person}@home.test\nSubject: ${subject}\nMessage-ID: <${subject.replace(/\W/g, '')}@internet.test>\n${more}`
  assert.match(await bringByLmtp(ports.lmtp, `${person}@home.test`, `${fields}\nTulips\n`), /^250 /)
}

/** Subjects of what is in the mailbox of this name */
async function subjectsIn(person: Person, name: string): Promise<readonly string[]> {
  const [boxes] = await home.jmap(person, ['Mailbox/get', {}])
  const all = (boxes?.[1]['list'] ?? []) as readonly { readonly id: string; readonly name: string }[]
  const inMailbox = all.find(one => one.name === name)?.id ?? ''
  const [query] = await home.jmap(person, ['Email/query', { filter: { inMailbox } }])
  const [got] = await home.jmap(person, ['Email/get', { ids: query?.[1]['ids'], properties: ['subject'] }])
  return ((got?.[1]['list'] ?? []) as readonly { readonly subject: string }[]).map(({ subject }) => subject)
}

async function scriptOf(person: Person): Promise<string> {
  const [got] = await home.jmap(person, ['FilterScript/get', {}])
  return ((got?.[1]['list'] ?? []) as readonly { readonly text: string }[])[0]?.text ?? ''
}

/** As sieve-connect and others do it. */
async function sieve(person: Person, ...commands: readonly string[]): Promise<void> {
  await using wire = await Wire.open(ports.sieve)
  await wire.read(/^OK.*\r\n/m)
  wire.send('STARTTLS')
  await wire.read(/^OK.*\r\n/m)
  await wire.secure()
  await wire.read(/^OK.*\r\n/m)
  wire.send(`AUTHENTICATE "PLAIN" "${plain(`${person}@home.test`, passwordOf(person))}"`)
  await wire.read(/^OK.*\r\n/m)
  for (const command of commands) {
    wire.send(command)
    await wire.read(/^OK.*\r\n/m)
  }
}

const put = (name: string, text: string) => `PUTSCRIPT "${name}" {${Buffer.byteLength(text)}+}\r\n${text}`

test('from a letter of a list to the next one that is filed; by hand, vacation and back (ja, desktop)', { skip }, () =>
  onPage({ language: 'ja' }, 'hanako', async page => {
    await deliver('hanako', '[garden:12] spring', 'List-Id: Garden club <garden.example.org>\n')
    await page.locator('.row', { hasText: 'spring' }).click()
    await page.locator('.letter-tools').getByRole('button', { name: 'その他' }).click()
    await page.getByRole('menuitem', { name: 'このようなメールを振り分ける' }).click()
    const panel = page.getByRole('tabpanel')
    assert.ok(await panel.getByRole('radio', { name: '同じメーリングリスト' }).isChecked())
    await panel.getByText('1通が当てはまります').waitFor()
    await panel.getByLabel('移動先').selectOption('new')
    await panel.getByLabel('新しいフォルダーの名前').fill('庭')
    await panel.getByLabel('今当てはまる1通にも適用する').check()
    assert.deepEqual(await barriers(page), [])
    await panel.getByRole('button', { name: '振り分けを保存' }).click()
    await panel.getByText('1通に適用しました').waitFor()
    assert.deepEqual(await subjectsIn('hanako', '庭'), ['[garden:12] spring'])
    await panel.getByRole('button', { name: '元に戻す' }).click()
    await panel.getByText('元に戻しました').waitFor()
    assert.deepEqual(await subjectsIn('hanako', '庭'), [])
    await panel.getByRole('button', { name: '閉じる' }).click()
    await deliver('hanako', '[garden:13] summer', 'List-Id: Garden club <garden.example.org>\n')
    assert.deepEqual(await subjectsIn('hanako', '庭'), ['[garden:13] summer'])
    // another name for the folder breaks nothing
    const [boxes] = await home.jmap('hanako', ['Mailbox/get', {}])
    const all = (boxes?.[1]['list'] ?? []) as readonly { readonly id: string; readonly name: string }[]
    const garden = all.find(({ name }) => name === '庭')?.id ?? ''
    await home.jmap('hanako', ['Mailbox/set', { update: { [garden]: { name: '庭園' } } }])
    // another program writes into the filters
    const byHand = '# from elsewhere\r\nif header :regex "subject" "^winter" { addflag "w"; }\r\n'
    const edited = (await scriptOf('hanako')).replace('require [', 'require ["regex", "imap4flags", ') + byHand
    await sieve('hanako', put('Filters', edited))
    await page.getByRole('tab', { name: '不在の返信' }).click()
    await page.getByLabel('不在のあいだ').check()
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByText('保存しました').waitFor()
    await page.getByRole('tab', { name: '振り分け' }).click()
    await panel.getByText('不在の返信 → この振り分け').waitFor()
    await panel.locator('summary', { hasText: '手書きの部分' }).click()
    await panel.locator('pre', { hasText: '^winter' }).waitFor()
    assert.deepEqual(await barriers(page), [])
    // what was written by hand is changed by hand; the server has its word
    await panel.getByRole('button', { name: '編集する' }).click()
    const area = panel.getByRole('textbox', { name: '手書きの部分' })
    await area.fill('if header :regex "subject" "[" { keep; }')
    await panel.getByRole('button', { name: '振り分けを保存' }).click()
    await panel.getByRole('status').filter({ hasText: /\S/ }).waitFor()
    await area.fill(byHand.replace('winter', 'midwinter').trim())
    await panel.getByRole('button', { name: '振り分けを保存' }).click()
    await panel.locator('summary', { hasText: '手書きの部分' }).waitFor()
    // a filter is applied to another mailbox
    await panel.getByRole('button', { name: 'Garden club' }).first().click()
    await panel.getByLabel('スターを付ける').check()
    await panel.getByLabel('すでにあるメール').selectOption({ label: '庭園' })
    await panel.getByLabel('今当てはまる1通にも適用する').check()
    assert.deepEqual(await barriers(page), [])
    await panel.getByRole('button', { name: '振り分けを保存' }).click()
    await panel.getByText('1通に適用しました').waitFor()
    await panel.getByRole('button', { name: '閉じる' }).click()
    await panel.locator('.filters-list', { hasText: 'スターを付ける' }).waitFor()
    const [starred] = await home.jmap('hanako', [
      'Email/query',
      { filter: { operator: 'AND', conditions: [{ inMailbox: garden }, { hasKeyword: '$flagged' }] } },
    ])
    assert.equal(((starred?.[1]['ids'] ?? []) as readonly string[]).length, 1)
    const after = await scriptOf('hanako')
    assert.ok(after.includes('"^midwinter"') && after.includes('addflag "\\\\Flagged";'), after)
    await deliver('hanako', '[garden:14] autumn', 'List-Id: Garden club <garden.example.org>\n')
    assert.deepEqual((await subjectsIn('hanako', '庭園')).toSorted(), ['[garden:13] summer', '[garden:14] autumn'])
  }),
)

test('two filters and a script by hand: their order decides, and mistakes are told by line (en, phone)', { skip }, () =>
  onPage({ language: 'en', device: 'phone', theme: 'dark' }, 'taro', async page => {
    await sieve('taro', put('mine', 'require "fileinto";\r\nfileinto "INBOX";\r\n'), 'SETACTIVE "mine"')
    const panel = await settings(page, ['Settings', 'All settings', 'Filters'])
    await panel.getByText('the script “mine”').waitFor()
    // the tabs go on beyond the edge of a phone, and it is seen
    await page.locator('.account-tabs[data-more~=after]').waitFor()
    for (const name of ['First', 'Second']) {
      await panel.getByRole('button', { name: 'New filter' }).click()
      await panel.getByLabel('Name', { exact: true }).fill(name)
      await panel.getByRole('button', { name: 'Add a condition' }).click()
      await panel.getByLabel('What is looked at').selectOption('subject')
      await panel.getByLabel('Text to compare with').fill('回覧')
      await panel.getByLabel('Put into').selectOption('new')
      await panel.getByLabel('Name of the new folder').fill(`to ${name}`)
      await panel.getByRole('button', { name: 'Save filter' }).click()
      await panel.locator('.filters-list', { hasText: name }).waitFor()
    }
    await panel.getByText('these filters, then the script “mine”').waitFor()
    assert.deepEqual(await barriers(page), [])
    await deliver('taro', '=?utf-8?B?5Zue6KanIDE=?=')
    assert.deepEqual(await subjectsIn('taro', 'to First'), ['回覧 1'])
    await panel.getByRole('button', { name: 'Move First down' }).click()
    await panel.locator('.filters-piece:first-child', { hasText: 'Second' }).waitFor()
    await deliver('taro', '=?utf-8?B?5Zue6KanIDI=?=')
    assert.deepEqual(await subjectsIn('taro', 'to Second'), ['回覧 2'])
    await panel.getByRole('button', { name: 'mine' }).click()
    await panel.getByRole('button', { name: 'Change it' }).click()
    await panel.getByLabel('Text of mine').fill('keep;\nkept;\n')
    await panel.getByRole('button', { name: 'Save script' }).click()
    await panel.getByRole('button', { name: /^Line 2, column 1: / }).waitFor()
    await panel.getByLabel('Text of mine').fill('# mine\nkeep;\n')
    await panel.getByRole('button', { name: 'Save script' }).click()
    await panel.getByText('these filters, then the script “mine”').waitFor()
    // another program puts its own in the place of all
    await sieve('taro', put('other', 'keep;\r\n'), 'SETACTIVE "other"')
    await page.getByRole('tab', { name: 'Vacation' }).click()
    await page.getByRole('tab', { name: 'Filters' }).click()
    await panel.getByText('the script “other” is active instead').waitFor()
    await panel.getByRole('button', { name: 'Run the filters' }).click()
    await panel.getByText('these filters, then the script “other”').waitFor()
    // one that answers by itself leaves no room for the vacation response
    await sieve('taro', put('other', 'require "vacation";\r\nvacation "I am away";\r\n'))
    await page.getByRole('tab', { name: 'Vacation' }).click()
    await panel.getByLabel('Answer automatically').check()
    await panel.getByRole('button', { name: 'Save' }).click()
    await panel.getByText('A filter of your own is active that answers already').waitFor()
  }),
)

test('two windows: the second is told, keeps what was typed, and says it again', { skip }, () =>
  onPage({ language: 'en' }, 'taro', async page => {
    const other = await openPage(browser, home.origin, { language: 'en' })
    await signIn(other, 'taro')
    const panels = await Promise.all([page, other].map(one => settings(one, ['Settings', 'All settings', 'Filters'])))
    const [here, there] = panels as [Locator, Locator]
    for (const panel of panels) await panel.getByRole('button', { name: 'Second' }).first().click()
    await here.getByLabel('Mark as read').check()
    await here.getByRole('button', { name: 'Save filter' }).click()
    await here.locator('.filters-list', { hasText: 'Mark as read' }).waitFor()
    await there.getByLabel('Add a star').check()
    await there.getByRole('button', { name: 'Save filter' }).click()
    await there.getByText('has changed the filters meanwhile').waitFor()
    assert.ok(await there.getByLabel('Add a star').isChecked())
    assert.doesNotMatch(await scriptOf('taro'), /Flagged/)
    await there.getByRole('button', { name: 'Save filter' }).click()
    await there.locator('.filters-list', { hasText: 'Add a star' }).waitFor()
    assert.equal((await scriptOf('taro')).split('# rule:[Second]').length, 2)
    const [first, second] = [there.locator('.filters-piece').nth(0), there.locator('.filters-piece').nth(1)]
    await first.locator('.filters-name', { hasText: 'Second' }).waitFor()
    await second.dragTo(first)
    await first.locator('.filters-name', { hasText: 'First' }).waitFor()
    assert.match(await scriptOf('taro'), /rule:\[First\][^]*rule:\[Second\]/)
    assert.deepEqual(other.faults, [])
    await other.context().close()
  }),
)
