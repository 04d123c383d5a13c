// `node scripts/measure-webmail.ts [--letters 100000] [--runs 5] [--only firstView|opening|scrolling] [--home FOLDER] [--trace FILE.json.gz] [--frames FILE.tsv]`: a home with so many letters in one inbox, and Debian's Chromium in front of it:
// the first view, opening letters, and the main thread's work for each frame while the list is scrolled. One line per figure; nothing is kept but the trace (the main thread's alone; for the browser's own tools) and the table of frames.
// `--home FOLDER`: filled where it does not exist yet, and kept for the next time.
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { benchLetter } from '#formats/search/letters.testbed.ts'
import { freePort } from '../tests/scenarios/running.ts'
import { startBox } from '../tests/support/box.ts'
import { temporaryFolder } from '../tests/support/peers.ts'
import { openPage, startBrowser } from '../tests/webmail/browser.ts'
import { passwordOf } from '../tests/webmail/home.ts'
import { seedHome } from '../src/demo/seed.ts'
import { buildWeb } from './build-web.ts'
import {
  type Frame,
  frameTable,
  framesOf,
  type Kind,
  kinds,
  mainThread,
  type TraceEvent,
  traced,
  trimmed,
} from './webmail-frames.ts'

const { values } = parseArgs({
  options: {
    letters: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '5' },
    trace: { type: 'string' },
    frames: { type: 'string' },
    only: { type: 'string' },
    home: { type: 'string' },
  },
})
const runs = Number(values.runs)

{
  await using scope = new AsyncDisposableStack()
  const kept = values.home === undefined ? undefined : resolve(values.home)
  const isFilled = kept !== undefined && existsSync(join(kept, 'filled'))
  const { origin, imap } = await startHome(scope, kept, isFilled)
  if (!isFilled) await fill(imap, Number(values.letters))
  if (kept !== undefined) writeFileSync(join(kept, 'filled'), '')
  const browser = await startBrowser(scope)
  for (const what of [firstView, opening, scrolling].filter(
    ({ name }) => values.only === undefined || name === values.only,
  ))
    await what(browser, origin)
}

async function startHome(
  scope: AsyncDisposableStack,
  kept: string | undefined,
  isFilled: boolean,
): Promise<{ readonly origin: string; readonly imap: number }> {
  await buildWeb()
  const folder = kept ?? temporaryFolder(scope, 'webmail-measure')
  mkdirSync(folder, { recursive: true })
  if (!isFilled) await seedHome(join(folder, 'data'), join(folder, 'recipients.json'))
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
    if (values.frames !== undefined) writeFileSync(values.frames, frameTable({ wheel: wheeled, bar: dragged }))
    if (values.trace !== undefined)
      writeFileSync(
        values.trace,
        gzipSync(JSON.stringify({ traceEvents: [...trimmed(wheeled), ...trimmed(dragged)] }), { level: 9 }),
      )
  }
  await page.context().close()
}

function sayFrames(what: string, events: readonly TraceEvent[]): void {
  const frames = framesOf(mainThread(events))
  const wall = frames.map(frame => frame.wall)
  say(`${what}: main thread a frame`, wall)
  say(
    `${what}: of the processor`,
    frames.map(({ cpu }) => cpu),
  )
  const slow = frames.filter(frame => frame.wall >= 8)
  const underByCpu = frames.filter(({ cpu }) => cpu < 8).length
  process.stdout.write(
    `${what}: ${frames.length - slow.length} of ${frames.length} frames under 8 ms, ${underByCpu} by the processor's time\n`,
  )
  const mean = (of: readonly Frame[], kind: Kind) =>
    (of.reduce((sum, { by }) => sum + by[kind], 0) / Math.max(1, of.length)).toFixed(1)
  for (const [which, of] of [
    ['all', frames],
    ['the others', slow],
  ] as const)
    process.stdout.write(
      `${what}: on average of ${which}: ${kinds.map(kind => `${kind} ${mean(of, kind)}`).join(', ')}\n`,
    )
}

function say(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1)
  process.stdout.write(
    `${what}: median ${at(0.5)} ms, p95 ${at(0.95)}, p99 ${at(0.99)}, at most ${at(1)} (${times.length})\n`,
  )
}
