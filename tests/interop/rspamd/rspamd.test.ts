// Debian's Rspamd with rules of our own and nothing of the network: actions, points and symbols; killed, hanging, back again.
import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import test from 'node:test'
import { silentLog } from '#base/log.ts'
import { letterFrom, messageToJudge, noSignal, plainSettings, withContent } from '#mail/content/content.testbed.ts'
import { rspamdScanner } from '#protocols/rspamd/client.ts'
import { missing } from '../../support/debian.ts'
import { fill, freePort, temporaryFolder } from '../../support/peers.ts'
import { startDaemon } from '../daemon.ts'

test('Rspamd', { skip: await missing('rspamd') }, async t => {
  await using scope = new AsyncDisposableStack()
  const folder = temporaryFolder(scope, 'rspamd')
  const port = await freePort()
  copyFileSync(join(import.meta.dirname, 'rules.lua'), join(folder, 'rules.lua'))
  writeFileSync(join(folder, 'tlds.dat'), 'test\nexample\n')
  writeFileSync(join(folder, 'rspamd.conf'), fill(join(import.meta.dirname, 'rspamd.conf'), { folder, port }))
  const command = ['/usr/bin/rspamd', '-f', '-i', '-c', join(folder, 'rspamd.conf')]
  const daemon = await startDaemon(scope, command, folder, () => pings(port))
  const lines: string[] = []
  const note = (line: string) => void lines.push(line)
  let now = 0
  let scannerReject: 'junk' | 'reject' = 'junk'
  using scanner = rspamdScanner(() => ({
    target: { address: '127.0.0.1', port },
    password: undefined,
    hostname: 'home.test',
  }))
  await withContent(
    async ({ content }) => {
      const judge = (subject: string, body = 'Hello') =>
        content.judge(messageToJudge(letterFrom('aki@internet.test', subject, body)), noSignal)
      const told = async (subject: string) => {
        const { verdict, reasons } = await judge(subject)
        return [verdict, reasons[0]?.code, reasons[0]?.detail?.['symbols']]
      }
      await t.test('its actions are ours, with its symbols; address and HELO have arrived', async () => {
        assert.deepEqual(await told('fine'), ['clean', 'scanner-says-none', 'TEST_IP TEST_HELO'])
        assert.deepEqual(await told('junk here'), ['junk', 'scanner-says-junk', 'TEST_JUNK TEST_IP TEST_HELO'])
        assert.deepEqual(await told('refuse me'), ['junk', 'scanner-says-reject', 'TEST_REJECT'])
        assert.equal((await told('later please'))[0], 'try-later')
        scannerReject = 'reject'
        assert.equal((await told('refuse me'))[0], 'reject')
      })
      await t.test('a letter of several MB, and many at once over kept connections', async () => {
        assert.equal((await judge('fine', 'x'.repeat(70).concat('\n').repeat(50_000))).verdict, 'clean')
        const all = await Promise.all(
          Array.from({ length: 100 }, (_, index) => judge(index % 2 ? `junk ${index}` : `fine ${index}`)),
        )
        assert.equal(all.filter(({ verdict }) => verdict === 'junk').length, 50)
      })
      await t.test('killed: delivered with the reason, told once; back again', async () => {
        daemon.stopTime()
        const waiting = judge('junk that waits')
        await daemon.kill()
        const { verdict, reasons } = await waiting
        assert.deepEqual([verdict, reasons.at(-1)?.code], ['clean', 'scanner-absent'])
        assert.equal((await judge('junk again')).verdict, 'clean')
        assert.equal(lines.length, 1)
        await daemon.start()
        now += 60_000
        assert.equal((await judge('junk at last')).verdict, 'junk')
        assert.equal(lines.at(-1), 'A scanner answers again')
      })
      await t.test('hanging: over with the deadline', async () => {
        daemon.stopTime()
        const begun = performance.now()
        assert.equal((await judge('junk and silence')).reasons.at(-1)?.code, 'scanner-absent')
        assert.ok(performance.now() - begun < 4000)
        daemon.letGoOn()
        now += 120_000
        assert.equal((await judge('junk once more')).verdict, 'junk')
      })
    },
    {
      scanners: [{ scanner, settings: () => ({ deadlineMs: 3000, atOnce: 8, whenAbsent: 'deliver' }) }],
      settings: () => ({ ...plainSettings, scannerReject }),
      log: { ...silentLog, warn: note, info: note },
      clock: { now: () => Date.now(), monotonic: () => performance.now() + now },
    },
  )
})

function pings(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const asked = request({ host: '127.0.0.1', port, path: '/ping', timeout: 1000 }, response => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.on('error', () => resolve(false))
    asked.on('timeout', () => asked.destroy())
    asked.end()
  })
}
