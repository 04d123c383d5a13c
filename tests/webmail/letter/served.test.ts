/** A letter with images of the internet, in the webmail as home serves it: what the browser asks the proxy for, and what the proxy asks for. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import test, { after } from 'node:test'
import { chromiumMissing, openPage, signIn, startBrowser } from '../browser.ts'
import { startWebmailHome } from '../home.ts'

const skip = await chromiumMissing()
const scope = new AsyncDisposableStack()
after(() => scope.disposeAsync())

test('images are asked of the proxy with the session, and the owner’s network is not reached through it', {
  skip,
}, async () => {
  const home = await startWebmailHome(scope)
  let calls = 0
  const neighbour = createServer(socket => {
    calls++
    socket.destroy()
  }).listen(0, '127.0.0.1')
  scope.defer(() => void neighbour.close())
  await once(neighbour, 'listening')
  const { port } = neighbour.address() as AddressInfo
  const [got] = await home.jmap('hanako', ['Mailbox/get', { properties: ['role'] }])
  const mailboxes = got?.[1]['list'] as readonly { readonly id: string; readonly role: string | null }[]
  const inbox = mailboxes.find(({ role }) => role === 'inbox')?.id ?? ''
  const html = `<p>Look:</p><img src="http://127.0.0.1:${port}/a.png" width="80" height="80"><img src="http://[::ffff:127.0.0.1]/b.png">`
  const email = {
    mailboxIds: { [inbox]: true },
    from: [{ name: null, email: 'stranger@example.org' }],
    subject: 'Pictures of a stranger',
    bodyValues: { a: { value: html } },
    htmlBody: [{ partId: 'a', type: 'text/html' }],
  }
  const [set] = await home.jmap('hanako', ['Email/set', { create: { a: email } }])
  assert.ok((set?.[1]['created'] as Record<string, unknown> | null)?.['a'], JSON.stringify(set))

  const page = await openPage(await startBrowser(scope), home.origin, { language: 'en' })
  const statuses: number[] = []
  page.on('response', response => {
    if (new URL(response.url()).pathname === '/image') statuses.push(response.status())
  })
  await signIn(page)
  await page.locator('.row', { hasText: 'Pictures of a stranger' }).first().click()
  await page.locator('.letter-images button').first().waitFor()
  assert.deepEqual(statuses, [])
  await page.locator('.letter-images button').first().click()
  const begun = performance.now()
  while (statuses.length < 2 && performance.now() - begun < 8_000) await page.waitForTimeout(50)
  // 400: not at a port of the web; 404: not of the internet. 401 and 403 would mean that the browser's request was not taken for one of ours.
  assert.deepEqual(
    statuses.toSorted((one, other) => one - other),
    [400, 404],
  )
  assert.equal(calls, 0)
  const opened = await page.evaluate<number>(
    `fetch('/image?url=http://images.example/a.png').then(({ status }) => status)`,
  )
  assert.equal(opened, 403, 'only as an image')
})
