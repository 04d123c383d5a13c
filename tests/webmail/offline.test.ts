// Mail on the train: the network goes and comes back, the server stops and starts, and nothing is lost or doubled.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { until } from '../scenarios/running.ts'
import { chromiumMissing, type Looks, openPage, signInByForm, startBrowser, type WatchedPage } from './browser.ts'
import { type Person, startWebmailHome, type WebmailHome } from './home.ts'
import { openPoorNetwork, type PoorNetwork } from './poor-network.ts'

const skip = await chromiumMissing()
const scope = new AsyncDisposableStack()
let home: WebmailHome
let network: PoorNetwork
let browser: Browser

before(async () => {
  if (skip) return
  home = await startWebmailHome(scope)
  network = await openPoorNetwork(scope, home.origin)
  browser = await startBrowser(scope)
})
after(() => scope.disposeAsync())

/** What Chromium says about a network that is away, and about each handler and style that it parses */
const expected = /net::ERR_|Failed to load resource|Content Security Policy directive '(?:style|script)-src 'self''/

async function onPage(looks: Looks, act: (page: WatchedPage) => Promise<void>): Promise<void> {
  const page = await openPage(browser, network.origin, { ...looks, worker: true })
  try {
    await signInByForm(page)
    await act(page)
    assert.deepEqual(
      page.faults.filter(fault => !expected.test(fault)),
      [],
    )
  } finally {
    network.cut(false)
    await page.context().close()
  }
}

/** The worker has the whole program and answers for the page. */
async function workerIsReady(page: Page): Promise<void> {
  await page.waitForFunction(
    `navigator.serviceWorker.ready.then(async () => navigator.serviceWorker.controller !== null &&
      (await caches.keys()).some(name => name.startsWith('hikyaku-shell-')))`,
  )
}

/** How many of these are kept in the browser */
const countOf = (page: Page, store: string): Promise<number> =>
  page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('hikyaku-mail')
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const counting = opening.result.transaction('${store}').objectStore('${store}').count()
      counting.onsuccess = () => { opening.result.close(); resolve(counting.result) }
    }
  })`)

const keptContacts = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('hikyaku-mail')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const getting = opening.result.transaction('facts').objectStore('facts').get('contacts')
    getting.onsuccess = () => { opening.result.close(); resolve(getting.result !== undefined && getting.result.cards.length > 0) }
  }
})`

async function everythingIsKept(page: Page): Promise<void> {
  await workerIsReady(page)
  await until('the letters are kept', async () => (await countOf(page, 'letters')) >= 9)
}

async function goAway(context: BrowserContext): Promise<void> {
  network.cut(true)
  await context.setOffline(true)
}

async function comeBack(context: BrowserContext): Promise<void> {
  network.cut(false)
  await context.setOffline(false)
}

const rowOf = (page: Page, text: string): Locator => page.locator('.row', { hasText: text })

type Found = { readonly id: string; readonly subject: string; readonly keywords: Readonly<Record<string, boolean>> }

/** All of this person's letters of this subject in the mailbox of this role */
async function found(person: Person, role: string, subject: string): Promise<readonly Found[]> {
  const [mailboxes] = await home.jmap(person, ['Mailbox/get', {}])
  const list = mailboxes?.[1]['list'] as readonly { readonly id: string; readonly role: string }[]
  const inMailbox = list.find(one => one.role === role)?.id
  const ids = { resultOf: 'c0', name: 'Email/query', path: '/ids' }
  const answers = await home.jmap(
    person,
    ['Email/query', { filter: { inMailbox, subject } }],
    ['Email/get', { '#ids': ids, properties: ['subject', 'keywords'] }],
  )
  return answers[1]?.[1]['list'] as readonly Found[]
}

async function write(page: Page, { to, subject, text }: { to: string; subject: string; text: string }): Promise<void> {
  const compose = page.locator('.compose')
  // a key is heard once the page is there
  await page
    .getByRole('button', { name: /^(?:作成|Write)/ })
    .first()
    .waitFor()
  await page.keyboard.press('c')
  await compose.locator('.editor').waitFor()
  await compose.getByRole('combobox').first().fill(`${to},`)
  await compose.locator('.compose-subject').fill(subject)
  await compose.locator('.editor').click()
  await page.keyboard.type(text)
}

test('an app that can be installed: manifest, icons, worker, an address for new letters', { skip }, () =>
  onPage({ language: 'ja' }, async page => {
    await workerIsReady(page)
    const devtools = await page.context().newCDPSession(page)
    const { errors, url } = await devtools.send('Page.getAppManifest')
    assert.deepEqual(errors, [])
    assert.match(url, /app\.ja\.webmanifest$/)
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
    // a context of its own is as a private window is, from which nothing can be installed
    assert.deepEqual(
      installabilityErrors.map(({ errorId }) => errorId).filter(id => id !== 'in-incognito'),
      [],
    )
    await page.goto(`/mail/write?mailto=${encodeURIComponent('mailto:taro@home.test')}`)
    await page.locator('.compose .chip[title="taro@home.test"]').waitFor()
    assert.match(page.url(), /\/mail\/inbox$/)
  }),
)

test('read, answer and archive on the train; each is done once when the network is back (ja)', { skip }, () =>
  onPage({ language: 'ja' }, async page => {
    const context = page.context()
    await everythingIsKept(page)
    await goAway(context)
    await page.reload()
    await page.getByText('接続が切れています。再接続しています…').waitFor()
    await page.getByText(/オフライン：.+時点の内容です。/).waitFor()
    await until('the list is there', async () => (await page.locator('.row').count()) >= 6)

    await rowOf(page, '週末の山登り').locator('.row-link').click()
    await page.locator('.letter-body', { hasText: '温泉は「極楽湯」が駅のすぐ横にあるよ' }).waitFor()
    await page.keyboard.press('r')
    await page.locator('.compose .editor').waitFor()
    await page.locator('.compose .editor').click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.type('電車の中で書いています。')
    await page.getByText('このブラウザーに保存しました').waitFor()

    // what was being written is there again, and everything else too
    await page.reload()
    await page.locator('.compose .editor', { hasText: '電車の中で書いています。' }).waitFor()
    await page.keyboard.press('Control+Enter')
    await page.locator('.toast', { hasText: 'つながりしだい送信します' }).waitFor()
    await page.goto('/mail/inbox')
    await rowOf(page, '運動会のお知らせ').locator('.row-link').click()
    await page.keyboard.press('s')
    await page.keyboard.press('e')
    await rowOf(page, '運動会のお知らせ').waitFor({ state: 'detached' })
    await until('two read, one sent, starred, archived', async () => (await countOf(page, 'journal')) === 5)
    // each address of the program opens, not only those of mail
    await page.goto('/contacts')
    await page.locator('.contacts-list').waitFor()
    await page.goto('/mail/inbox')
    await page.getByRole('button', { name: /件が接続を待っています/ }).click()
    await page.locator('.waiting li', { hasText: '週末の山登り' }).getByText('送信待ち').waitFor()
    await page.keyboard.press('Escape')
    await rowOf(page, '運動会のお知らせ').waitFor({ state: 'detached' })
    assert.deepEqual(await found('taro', 'inbox', '電車'), [])

    await comeBack(context)
    await page.locator('.away').waitFor({ state: 'detached' })
    await until('the letter was sent', async () => (await found('hanako', 'sent', '週末の山登り')).length === 2)
    await sleep(1_000)
    assert.equal((await found('hanako', 'sent', '週末の山登り')).length, 2)
    assert.deepEqual(await found('hanako', 'drafts', '週末の山登り'), [])
    const [moved] = await found('hanako', 'archive', '運動会のお知らせ')
    assert.equal(moved?.keywords['$flagged'], true)
    assert.equal(await countOf(page, 'journal'), 0)
  }),
)

test('files attached, contacts and a search on the train; the letter leaves with its files, once (en)', { skip }, () =>
  onPage({ language: 'en' }, async page => {
    const context = page.context()
    const [books] = await home.jmap('hanako', ['AddressBook/get', { ids: null }])
    const [book] = (books?.[1]['list'] ?? []) as readonly { readonly id: string }[]
    const card = {
      '@type': 'Card',
      version: '1.0',
      addressBookIds: { [book?.id ?? '']: true },
      name: { full: 'Grace Hopper' },
    }
    await home.jmap('hanako', ['ContactCard/set', { create: { c: { ...card, uid: 'grace' } } }])
    await page.reload()
    await everythingIsKept(page)
    await until('contacts are kept', () => page.evaluate<boolean>(keptContacts))
    await goAway(context)
    await page.getByText('Reconnecting…').waitFor()

    await page.locator('#search').fill('subject:arrived')
    await page.keyboard.press('Enter')
    await page.getByText('only the letters that are kept in this browser were searched').waitFor()
    await rowOf(page, 'Your letter arrived').waitFor()
    await page.goto('/contacts')
    await page.locator('.contact-row', { hasText: 'Grace Hopper' }).waitFor()
    await page.getByText('contacts can be looked at').waitFor()
    assert.equal(await page.getByRole('button', { name: 'New contact' }).count(), 0)

    await page.goto('/mail/inbox')
    await write(page, { to: 'taro@home.test', subject: 'With a map', text: 'Here it is.' })
    const map = { name: 'map.txt', mimeType: 'text/plain', buffer: Buffer.from('left, then right') }
    await page.locator('.compose input[type=file]').setInputFiles([map, { ...map, name: 'second.txt' }])
    const waits = page.locator('.compose-file', { hasText: 'Waits for the network' })
    await until('both wait', async () => (await waits.count()) === 2)
    await page.reload()
    await until('both are there again', async () => (await waits.count()) === 2)
    await page.keyboard.press('Control+Enter')
    await page.locator('.toast', { hasText: 'No connection' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: '1 letter waits for the network' }).click()
    await page.locator('.waiting li', { hasText: 'With a map' }).getByText('2 files').waitFor()
    await page.keyboard.press('Escape')
    assert.equal(await countOf(page, 'files'), 2)

    await comeBack(context)
    await until('it has arrived', async () => (await found('taro', 'inbox', 'With a map')).length > 0)
    await until('nothing waits', async () => (await countOf(page, 'journal')) === 0)
    await sleep(500)
    const [letter, ...more] = await found('taro', 'inbox', 'With a map')
    assert.deepEqual(more, [])
    assert.deepEqual(await found('hanako', 'drafts', 'With a map'), [])
    const [got] = await home.jmap('taro', ['Email/get', { ids: [letter?.id], properties: ['attachments'] }])
    const [{ attachments } = { attachments: [] }] = (got?.[1]['list'] ?? []) as readonly {
      readonly attachments: readonly { readonly name: string; readonly size: number }[]
    }[]
    assert.deepEqual(
      attachments.map(({ name, size }) => [name, size]),
      [
        ['map.txt', map.buffer.length],
        ['second.txt', map.buffer.length],
      ],
    )
    assert.equal(await countOf(page, 'files'), 0)
  }),
)

test('an answer that is lost on its way is asked for: the letter is there once (en)', { skip }, () =>
  onPage({ language: 'en' }, async page => {
    await everythingIsKept(page)
    const lose = ['EmailSubmission/set', 'Email/set']
    for (const method of lose) {
      await write(page, { to: 'taro@home.test', subject: `Lost ${method}`, text: 'Did it leave?' })
      await until('it is saved', async () => (await page.locator('.save-state[data-state=saved]').count()) === 1)
      await page.keyboard.type(' Once.')
      const lost = network.loseAnswerTo(`"${method}",`)
      await page.keyboard.press('Control+Enter')
      await lost
      await page.locator('.compose').waitFor({ state: 'detached' })
    }
    for (const method of lose) {
      const subject = `Lost ${method}`
      await until('it has arrived', async () => (await found('taro', 'inbox', subject)).length > 0)
      await until('nothing waits', async () => (await countOf(page, 'journal')) === 0)
      await sleep(500)
      assert.equal((await found('taro', 'inbox', subject)).length, 1)
      assert.equal((await found('hanako', 'sent', subject)).length, 1)
      assert.deepEqual(await found('hanako', 'drafts', subject), [])
    }
  }),
)

test('two tabs: what both did is done by one of them; what is taken back is not (en)', { skip }, () =>
  onPage({ language: 'en' }, async page => {
    const context = page.context()
    await everythingIsKept(page)
    const other = await context.newPage()
    await other.goto('/mail/inbox')
    await other.locator('.row').first().waitFor()
    await workerIsReady(other)
    await goAway(context)
    await other.getByText('Reconnecting…').waitFor()
    await write(page, { to: 'taro@home.test', subject: 'From the first tab', text: 'One' })
    await page.keyboard.press('Control+Enter')
    await page.locator('.toast', { hasText: 'No connection' }).waitFor()
    await write(other, { to: 'taro@home.test', subject: 'From the second tab', text: 'Two' })
    await other.keyboard.press('Control+Enter')
    await other.locator('.toast', { hasText: 'No connection' }).waitFor()
    await write(other, { to: 'taro@home.test', subject: 'Better not', text: 'Three' })
    await other.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: '3 letters wait for the network' }).click()
    await page.locator('.waiting li', { hasText: 'Better not' }).getByRole('button', { name: 'Take back' }).click()
    await page.locator('.compose .editor', { hasText: 'Three' }).waitFor()
    await page.getByRole('button', { name: '2 letters wait for the network' }).waitFor()
    await comeBack(context)
    await page.locator('.away').waitFor({ state: 'detached' })
    await other.locator('.away').waitFor({ state: 'detached' })
    for (const subject of ['From the first tab', 'From the second tab'])
      await until(subject, async () => (await found('taro', 'inbox', subject)).length === 1)
    await sleep(500)
    assert.equal((await found('taro', 'inbox', 'From the')).length, 2)
    assert.deepEqual(await found('taro', 'inbox', 'Better not'), [])
  }),
)

test(
  'the server stops, a letter comes, it starts: the page catches up by itself; who signs out leaves nothing',
  { skip },
  () =>
    onPage({ language: 'en' }, async page => {
      await everythingIsKept(page)
      await home.stop()
      await page.getByText('Reconnecting…').waitFor()
      await rowOf(page, 'Your letter arrived').locator('.row-link').click()
      await page.locator('.letter-body').first().waitFor()
      await home.start()
      await home.put(
        'hanako',
        'inbox',
        'From: Aki <aki@internet.test>\nTo: hanako@home.test\nSubject: While away\n\nHello\n',
      )
      await page.locator('.away').waitFor({ state: 'detached', timeout: 60_000 })
      await rowOf(page, 'While away').waitFor()

      await page.getByRole('button', { name: 'Settings' }).first().click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.locator('input[name=password]').waitFor()
      for (const store of ['facts', 'rows', 'letters', 'blobs', 'journal', 'drafts', 'files', 'replaced'])
        assert.equal(await countOf(page, store), 0, store)
      await goAway(page.context())
      await page.reload()
      await page.getByText('The server does not answer.').waitFor()
    }),
)

test(
  'a draft without a network is kept; the session ends: letters go, what waits is kept for the same person alone (en)',
  { skip },
  () =>
    onPage({ language: 'en' }, async page => {
      const context = page.context()
      await everythingIsKept(page)
      await goAway(context)
      await page.getByText('Reconnecting…').waitFor()
      await write(page, { to: 'taro@home.test', subject: 'Between two stations', text: 'Half a letter' })
      await page.getByText('Kept in this browser').waitFor()
      // closed, it waits to become a draft
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: '1 thing waits for the network' }).waitFor()
      await context.clearCookies()
      await comeBack(context)
      await page.getByText('You have been signed out.').waitFor()
      await until('no letter stays', async () => (await countOf(page, 'letters')) === 0)
      assert.equal(await countOf(page, 'journal'), 1)

      await signInByForm(page, 'taro')
      await until('it is another’s shelf', async () => (await countOf(page, 'letters')) > 0)
      assert.equal(await countOf(page, 'journal'), 0)
      assert.deepEqual(await found('taro', 'drafts', 'Between two stations'), [])
      await goAway(context)
      await page.reload()
      await page.getByText('Reconnecting…').waitFor()
      await page.locator('.row').first().waitFor()
      assert.equal(await rowOf(page, 'Your letter arrived').count(), 0, 'a letter to Hanako')
    }),
)

test('an upgrade: the page that is open keeps its parts, the version before the last one goes (en)', { skip }, () =>
  onPage({ language: 'en' }, async page => {
    await everythingIsKept(page)
    const shells = async (): Promise<readonly string[]> =>
      (await page.evaluate<string[]>(`caches.keys()`)).filter(name => name.startsWith('hikyaku-shell-'))
    const [first = ''] = await shells()
    for (const version of ['second', 'third']) {
      network.edit('/worker.js', text => text.replace(first.replace('hikyaku-shell-', ''), version))
      await until(version, async () => {
        await page.evaluate(`navigator.serviceWorker.ready.then(registration => registration.update()).then(() => 0)`)
        return (await shells()).includes(`hikyaku-shell-${version}`)
      })
      await until('one before it stays', async () => (await shells()).length === 2)
    }
    assert.deepEqual((await shells()).toSorted(), ['hikyaku-shell-second', 'hikyaku-shell-third'])
    await goAway(page.context())
    // a part that was never loaded before comes out of what is kept
    await page.keyboard.press('c')
    await page.locator('.compose .editor').waitFor()
    await page.reload()
    await page.getByText(/Reconnecting…|The server does not answer/).waitFor()
    network.edit('/worker.js', text => text)
  }),
)
