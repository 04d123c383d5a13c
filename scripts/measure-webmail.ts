// `node scripts/measure-webmail.ts [--letters 100000] [--runs 5] [--only firstView|opening|scrolling] [--trace FILE.json.gz]`: a home with so many letters in one inbox, and Debian's Chromium in front of it:
// the first view, opening letters, and the main thread's work for each frame while the list is scrolled. One line per figure; nothing is kept but the trace.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { benchLetter } from '#formats/search/letters.testbed.ts'
import { freePort } from '../tests/scenarios/running.ts'
import { startBox } from '../tests/support/box.ts'
import { temporaryFolder } from '../tests/support/peers.ts'
import { openPage, startBrowser } from '../tests/webmail/browser.ts'
import { passwordOf } from '../tests/webmail/home.ts'
import { seedHome } from '../src/demo/seed.ts'
import { buildWeb } from './build-web.ts'

type TraceEvent = {
  readonly name: string
  readonly ph: string
  readonly ts: number
  readonly dur?: number
  readonly tdur?: number
  readonly pid: number
  readonly tid: number
  readonly args: { readonly name?: string }
}

const { values } = parseArgs({
  options: {
    letters: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '5' },
    trace: { type: 'string' },
    only: { type: 'string' },
  },
})
const runs = Number(values.runs)

{
  await using scope = new AsyncDisposableStack()
  const { origin, imap } = await startHome(scope)
  await fill(imap, Number(values.letters))
  const browser = await startBrowser(scope)
  for (const what of [firstView, opening, scrolling].filter(
    ({ name }) => values.only === undefined || name === values.only,
  ))
    await what(browser, origin)
}

async function startHome(scope: AsyncDisposableStack): Promise<{ readonly origin: string; readonly imap: number }> {
  await buildWeb()
  const folder = temporaryFolder(scope, 'webmail-measure')
  await seedHome(join(folder, 'data'), join(folder, 'recipients.json'))
  const [http, imap] = [await freePort(), await freePort()]
  const yaml = `role: home
hostname: mail.home.test
data: ${join(folder, 'data')}
listen:
  - { service: http, address: 127.0.0.1, port: ${http}, loginWithoutTls: true }
  - { service: imap, address: 127.0.0.1, port: ${imap}, loginWithoutTls: true }
  - { service: admin, port: 0 }
tls: { localCa: true }
`
  await startBox(scope, { folder, name: 'home', yaml })
  return { origin: `http://localhost:${http}`, imap }
}

/** By APPEND of many (RFC 3502), an hour between two letters. */
async function fill(port: number, letters: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  let answers = ''
  socket.on('data', text => (answers += String(text)))
  const answered = async (tag: string): Promise<void> => {
    for (;;) {
      const line = answers.split('\r\n').find(each => each.startsWith(`${tag} `))
      if (line?.startsWith(`${tag} OK`)) return void (answers = '')
      if (line) throw new Error(line)
      await once(socket, 'data')
    }
  }
  socket.write(`a LOGIN hanako@home.test "${passwordOf('hanako')}"\r\n`)
  await answered('a')
  for (let from = 0; from < letters; from += 1000) {
    socket.write('b APPEND INBOX')
    for (let number = from; number < Math.min(letters, from + 1000); number++) {
      const letter = Buffer.from(benchLetter(number, 'bench', 2048))
      const day = new Date(Date.UTC(2014, 0, 1) + number * 3_600_000)
      const date = `${String(day.getUTCDate()).padStart(2, '0')}-${day.toUTCString().slice(8, 16).replace(' ', '-')} ${day.toISOString().slice(11, 19)} +0000`
      if (!socket.write(` (${number % 3 === 0 ? '' : '\\Seen'}) "${date}" {${letter.length}+}\r\n`))
        await once(socket, 'drain')
      socket.write(letter)
    }
    socket.write('\r\n')
    await answered('b')
  }
  socket.end('c LOGOUT\r\n')
}

/** Signed in, and the same again with the program in the browser's cache. */
async function firstView(browser: Browser, origin: string): Promise<void> {
  const [cold, warm]: [number[], number[]] = [[], []]
  let octets = 0
  for (let run = 0; run < runs; run++) {
    const page = await openPage(browser, origin, { language: 'en', worker: true })
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Network.enable')
    const scripts = new Set<string>()
    octets = 0
    devtools.on('Network.responseReceived', ({ type, requestId }) => void (type === 'Script' && scripts.add(requestId)))
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) octets += encodedDataLength
    })
    await page.goto('/')
    await page.locator('input[name=username]').fill('hanako@home.test')
    await page.locator('input[name=password]').fill(passwordOf('hanako'))
    cold.push(await timed(page, `document.querySelector('button[type=submit]').click()`, '.row-link'))
    const begun = performance.now()
    await page.goto('/')
    await page.locator('.row-link').first().waitFor()
    warm.push(performance.now() - begun)
    await page.context().close()
  }
  say('first view after signing in', cold)
  say('opened again', warm)
  process.stdout.write(`script until then: ${(octets / 1024).toFixed(0)} KiB as transferred\n`)
}

async function opening(browser: Browser, origin: string): Promise<void> {
  const page = await signedIn(browser, origin)
  const times: number[] = []
  for (let at = 0; at < 4 * runs; at++) {
    await page.locator('.row-link').first().waitFor()
    const click = `document.querySelectorAll('.row-link')[${1 + (at % 10)}].click()`
    times.push(await timed(page, click, '.letter-body'))
    await page.goBack()
  }
  say('opening a letter', times)
  await page.context().close()
}

/** Milliseconds from the act until what is waited for has been painted, by the page's own clock. */
async function timed(page: Page, act: string, selector: string): Promise<number> {
  return page.evaluate(`new Promise(resolve => {
    const begun = performance.now()
    const look = () => {
      const found = document.querySelector(${JSON.stringify(selector)})
      if (found && found.getBoundingClientRect().height > 0) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun)))
      else requestAnimationFrame(look)
    }
    ${act}
    look()
  })`)
}

async function signedIn(browser: Browser, origin: string): Promise<Page> {
  const page = await openPage(browser, origin, { language: 'en', worker: true })
  await page.goto('/')
  await page.locator('input[name=username]').fill('hanako@home.test')
  await page.locator('input[name=password]').fill(passwordOf('hanako'))
  await page.locator('button[type=submit]').click()
  await page.locator('.row-link').first().waitFor()
  return page
}

/** A wheel that is turned fast, then the bar pulled through the whole list. */
async function scrolling(browser: Browser, origin: string): Promise<void> {
  const page = await signedIn(browser, origin)
  const devtools = await page.context().newCDPSession(page)
  const pulled = `new Promise(resolve => {
    const list = document.querySelector('.virtual-list')
    const space = list.scrollHeight
    let step = 0
    const pull = () => {
      list.scrollTop = space * ++step / 300
      if (step < 300) requestAnimationFrame(pull)
      else resolve()
    }
    pull()
  })`
  const wheel = async () => {
    const { x, y, width, height } = (await page.locator('.virtual-list').boundingBox())!
    for (let turn = 0; turn < 5; turn++)
      await devtools.send('Input.synthesizeScrollGesture', {
        x: x + width / 2,
        y: y + height / 2,
        yDistance: -8000,
        speed: 8000,
        gestureSourceType: 'mouse',
      })
  }
  for (let round = 0; round < 2; round++) {
    await page.evaluate(`document.querySelector('.virtual-list').scrollTop = 0`)
    await page.locator('.row-link').first().waitFor()
    // the first round warms the program up, as somebody's second minute
    const wheeled = await traced(devtools, wheel)
    const dragged = await traced(devtools, () => page.evaluate(pulled))
    if (round === 0) continue
    sayFrames('wheel, 40,000 pixels at 8,000 a second', wheeled)
    sayFrames('the bar pulled through the whole list', dragged)
    if (values.trace !== undefined)
      writeFileSync(values.trace, gzipSync(JSON.stringify({ traceEvents: [...wheeled, ...dragged] })))
  }
  await page.context().close()
}

async function traced(devtools: CDPSession, act: () => Promise<unknown>): Promise<readonly TraceEvent[]> {
  const events: TraceEvent[] = []
  const collect = ({ value }: { value: object[] }) => void events.push(...(value as TraceEvent[]))
  devtools.on('Tracing.dataCollected', collect)
  const categories = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata']
  await devtools.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: categories },
  })
  await act()
  const done = new Promise(resolve => devtools.once('Tracing.tracingComplete', resolve))
  await devtools.send('Tracing.end')
  await done
  devtools.off('Tracing.dataCollected', collect)
  return events
}

/** The main thread's tasks between the beginnings of two frames, by the clock and by the processor. */
function sayFrames(what: string, events: readonly TraceEvent[]): void {
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  let best: { wall: number[]; cpu: number[] } = { wall: [], cpu: [] }
  for (const { pid, tid } of mains) {
    const own = events.filter(event => event.pid === pid && event.tid === tid)
    const begins = own
      .filter(({ name, ph }) => name === 'AnimationFrame' && ph === 'b')
      .map(({ ts }) => ts)
      .sort((one, other) => one - other)
    const tasks = own.filter(({ name, ph }) => ph === 'X' && name === 'RunTask')
    const wall = begins.map(() => 0)
    const cpu = begins.map(() => 0)
    for (const { ts, dur = 0, tdur = 0 } of tasks) {
      let at = begins.findLastIndex(begin => begin <= ts + dur)
      if (at < 0) at = 0
      wall[at] = (wall[at] ?? 0) + dur / 1000
      cpu[at] = (cpu[at] ?? 0) + tdur / 1000
    }
    if (wall.length > best.wall.length) best = { wall, cpu }
  }
  say(`${what}: main thread a frame`, best.wall)
  say(`${what}: of the processor`, best.cpu)
  const under = best.wall.filter(ms => ms < 8).length
  process.stdout.write(`${what}: ${under} of ${best.wall.length} frames under 8 ms\n`)
}

function say(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1)
  process.stdout.write(
    `${what}: median ${at(0.5)} ms, p95 ${at(0.95)}, p99 ${at(0.99)}, at most ${at(1)} (${times.length})\n`,
  )
}
