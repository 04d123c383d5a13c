// Debian's clamd with a signature of our own that knows EICAR: found in an attachment, too large, killed in the middle, hanging, back again.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { sha256 } from '#base/hmac.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { letterFrom, messageToJudge, noSignal, withContent } from '#mail/content/content.testbed.ts'
import { clamdScanner } from '#protocols/clamd/client.ts'
import { missing } from '../../support/debian.ts'
import { fill, temporaryFolder } from '../../support/peers.ts'
import { startDaemon } from '../daemon.ts'

/** The test file of EICAR, in two halves so that no scanner finds this one. */
const eicar = `X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR${'-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`
const signature = `Eicar-Test-Signature:0:*:${Buffer.from(eicar).toString('hex')}\n`
const streamMaxBytes = 2 * 1024 * 1024

function withAttachment(content: Buffer): string {
  return letterFrom('aki@internet.test', 'Files', 'x').replace(
    /Content-Type:[^]*/,
    `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See the attachment.
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="a.bin"
Content-Transfer-Encoding: base64

${content.toString('base64').replaceAll(/.{76}/g, '$&\n')}
--b--
`,
  )
}

test('ClamAV', { skip: await missing('clamav') }, async t => {
  await using scope = new AsyncDisposableStack()
  const folder = temporaryFolder(scope, 'clamav')
  const socket = join(folder, 'clamd.sock')
  mkdirSync(join(folder, 'db'))
  writeFileSync(join(folder, 'db', 'test.ndb'), signature)
  writeFileSync(join(folder, 'clamd.conf'), fill(join(import.meta.dirname, 'clamd.conf'), { folder }))
  const daemon = await startDaemon(scope, ['/usr/sbin/clamd', '-c', join(folder, 'clamd.conf')], folder, () =>
    pings(socket),
  )
  const lines: string[] = []
  const note = (line: string) => void lines.push(line)
  let now = 0
  const scanner = clamdScanner(() => ({ target: { path: socket }, maxBytes: 25_000_000, deadlineMs: 3000 }))
  await withContent(
    async ({ content }) => {
      const judge = (text: string) => {
        const bytes = Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'))
        return content.judge(
          messageToJudge('', { message: memorySource(bytes), receivedHash: sha256(bytes) }),
          noSignal,
        )
      }
      await t.test('a clean letter is tested and clean; EICAR in an attachment is named', async () => {
        const clean = await judge(withAttachment(Buffer.from('nothing')))
        assert.deepEqual([clean.verdict, clean.virustest, clean.virus], ['clean', 1, undefined])
        const found = await judge(withAttachment(Buffer.from(eicar)))
        assert.deepEqual([found.verdict, found.virustest], ['reject', 5])
        assert.match(found.virus ?? '', /^Eicar-Test-Signature/)
      })
      await t.test('fifty at once, behind four connections', async () => {
        const all = await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            judge(withAttachment(Buffer.from(index % 5 === 0 ? eicar + index : `x${index}`))),
          ),
        )
        assert.deepEqual(
          all.map(({ verdict }) => verdict),
          Array.from({ length: 50 }, (_, index) => (index % 5 === 0 ? 'reject' : 'clean')),
        )
      })
      await t.test('more than its StreamMaxLength: delivered, with the reason', async () => {
        const { verdict, virustest, reasons } = await judge(withAttachment(Buffer.alloc(streamMaxBytes, 7)))
        assert.deepEqual([verdict, virustest, reasons.at(-1)?.code], ['clean', 0, 'scanner-not-scanned'])
        assert.match(String(reasons.at(-1)?.detail?.['why']), /StreamMaxLength/)
        assert.deepEqual(lines, [])
      })
      await t.test(
        'killed in the middle: delivered with the reason, told once; started again, it is asked again',
        async () => {
          daemon.stopTime()
          const waiting = judge(withAttachment(Buffer.alloc(1_000_000, 9)))
          await daemon.kill()
          assert.equal((await waiting).reasons.at(-1)?.code, 'scanner-absent')
          assert.equal((await judge(withAttachment(Buffer.from(`${eicar} `)))).verdict, 'clean')
          assert.equal(lines.length, 1)
          await daemon.start()
          now += 60_000
          assert.equal((await judge(withAttachment(Buffer.from(`${eicar}  `)))).verdict, 'reject')
          assert.deepEqual(lines, [
            'A scanner does not answer; until it does, mail is delivered without it',
            'A scanner answers again',
          ])
        },
      )
      await t.test('hanging: over with the deadline, and the next ones do not wait', async () => {
        daemon.stopTime()
        const begun = performance.now()
        assert.equal((await judge(withAttachment(Buffer.from('hang 1')))).reasons.at(-1)?.code, 'scanner-absent')
        assert.ok(performance.now() - begun < 4000)
        const after = performance.now()
        for (let index = 0; index < 10; index++) await judge(withAttachment(Buffer.from(`hang ${index} again`)))
        assert.ok(performance.now() - after < 2000)
        daemon.letGoOn()
        now += 120_000
        assert.equal((await judge(withAttachment(Buffer.from('there again')))).virustest, 1)
      })
    },
    {
      scanners: [{ scanner, settings: () => ({ deadlineMs: 3000, atOnce: 4, whenAbsent: 'deliver' }) }],
      log: { ...silentLog, warn: note, info: note },
      clock: { now: () => Date.now(), monotonic: () => performance.now() + now },
    },
  )
})

function pings(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path, () => void socket.write('nPING\n'))
    socket.once('data', data => {
      socket.destroy()
      resolve(data.toString() === 'PONG\n')
    })
    socket.once('error', () => resolve(false))
    socket.setTimeout(1000, () => {
      socket.destroy()
      resolve(false)
    })
  })
}
