// `node tests/interop/roundcube/measure.ts [--runs 5]`: one home, the same letters, Debian's Chromium; Roundcube and our webmail by turns. One line a figure:
// requests and octets until the inbox stands there and all is quiet, times until its first row, and until a letter's words.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { freePorts } from '../../support/peers.ts'
import { openPage, startBrowser } from '../../webmail/browser.ts'
import { passwordOf, startWebmailHome } from '../../webmail/home.ts'
import { startRoundcube } from './roundcube.ts'

type Webmail = {
  readonly name: string
  readonly origin: string
  readonly user: string
  readonly password: string
  readonly submit: string
  readonly row: string
  /** Clicked: a letter in plain text; and where its words come to stand, in a frame of this name */
  readonly letter: string
  readonly frame: string | undefined
  readonly words: string
}

type Figures = Record<'requests' | 'octets' | 'first' | 'requestsAgain' | 'octetsAgain' | 'again' | 'letter', number>

const quietMs = 1_500
const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } })

await using scope = new AsyncDisposableStack()
const ports = await freePorts('imaps', 'submission', 'managesieve')
const listen = Object.entries(ports).map(([name, port]) => `{ service: ${name}, address: 127.0.0.1, port: ${port} }`)
const home = await startWebmailHome(scope, { listen })
const ca = join(home.folder, 'data', 'ca', 'ca.crt')
const roundcube = await startRoundcube(scope, home.folder, { ...ports, ca })
const browser = await startBrowser(scope)
const webmails: readonly Webmail[] = [
  {
    name: 'Hikyaku',
    origin: home.origin,
    user: 'input[name=username]',
    password: 'input[name=password]',
    submit: 'button[type=submit]',
    row: '.row-link',
    letter: '.row:has-text("今日の夕方") .row-link',
    frame: undefined,
    words: '.letter-body',
  },
  {
    name: 'Roundcube',
    origin: roundcube.origin,
    user: '#rcmloginuser',
    password: '#rcmloginpwd',
    submit: '#rcmloginsubmit',
    row: '#messagelist tr.message',
    letter: '#messagelist tr.message:has-text("今日の夕方")',
    frame: 'messagecontframe',
    words: '#messagebody',
  },
]
const all = new Map<string, Figures[]>(webmails.map(({ name }) => [name, []]))
for (let run = -1; run < Number(values.runs); run++)
  for (const webmail of webmails) {
    const figures = await visit(browser, webmail)
    // the first time PHP compiles, and the home's own code does
    if (run >= 0) all.get(webmail.name)?.push(figures)
  }
for (const [name, runs] of all)
  for (const key of Object.keys(runs[0] ?? {}) as (keyof Figures)[]) {
    const sorted = runs.map(one => one[key]).toSorted((a, b) => a - b)
    const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? NaN)
    process.stdout.write(`${name} ${key}: median ${at(0.5)}, ${at(0)} to ${at(1)}\n`)
  }

async function visit(browser: Browser, webmail: Webmail): Promise<Figures> {
  const page = await openPage(browser, webmail.origin, { language: 'ja' })
  const { told, forget } = await transferred(page)
  await page.goto('/')
  await page.locator(webmail.user).fill('hanako@home.test')
  await page.locator(webmail.password).fill(passwordOf('hanako'))
  const first = await until(page, () => page.locator(webmail.submit).click(), webmail.row)
  await page.waitForTimeout(quietMs)
  const cold = told()
  forget()
  const again = await until(page, () => page.goto(webmail.name === 'Roundcube' ? '/?_task=mail' : '/'), webmail.row)
  await page.waitForTimeout(quietMs)
  const warm = told()
  const began = performance.now()
  await page.locator(webmail.letter).first().click()
  const where = webmail.frame === undefined ? page : page.frameLocator(`[name=${webmail.frame}]`)
  await where.locator(webmail.words).first().waitFor()
  const letter = performance.now() - began
  await page.context().close()
  return {
    requests: cold.requests,
    octets: cold.octets,
    first,
    requestsAgain: warm.requests,
    octetsAgain: warm.octets,
    again,
    letter,
  }
}

async function until(page: Page, act: () => Promise<unknown>, row: string): Promise<number> {
  const began = performance.now()
  await act()
  await page.locator(row).first().waitFor()
  return performance.now() - began
}

/** What goes over the network, as transferred; what comes out of the browser's cache does not. */
async function transferred(page: Page) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  let requests = 0
  let octets = 0
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    if (encodedDataLength === 0) return
    requests++
    octets += encodedDataLength
  })
  return {
    told: () => ({ requests, octets }),
    forget: () => void ([requests, octets] = [0, 0]),
  }
}
