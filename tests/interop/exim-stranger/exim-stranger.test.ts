// Exim is a stranger's server that sends through our gateway's MX to home, in chunks. See README.md.
import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import { missing } from '../../support/debian.ts'
import { eventually } from '../../support/peers.ts'
import { startExim } from '../exim/exim.ts'
import { openStrangerBench, type StrangerBench, strangerSuite } from '../stranger-suite.ts'

const skip = await missing('exim')

describe('Exim sends through our MX', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let bench: StrangerBench

  before(async () => {
    bench = await openStrangerBench(scope, async values => {
      const exim = await startExim(scope, new URL('exim.conf', import.meta.url), values)
      const isEmpty = () => exim.queued() === 0
      return { ...exim, drained: async () => void (await eventually('Exim has rid itself of all', isEmpty)) }
    })
  })
  after(() => scope.disposeAsync())

  // no more wait for its daemon at a time (smtp_connect_backlog)
  strangerSuite(() => bench, 20)

  test('its log shows which extensions it used', () => {
    const log = bench.stranger.log()
    const said = (pattern: RegExp) => assert.ok(pattern.test(log), `${pattern} is not in its log`)
    said(/SMTP>> STARTTLS/)
    // it says nothing of 8BITMIME, and sends eight bits
    said(/SMTP\|> MAIL FROM:<stranger@stranger\.test> SIZE=\d+$/m)
    said(/SMTP\|> MAIL FROM:<stranger@stranger\.test> .*SMTPUTF8$/m)
    said(/SMTP\|> MAIL FROM:<stranger@stranger\.test> .*RET=HDRS ENVID=envelope-7$/m)
    said(/SMTP\|> RCPT TO:<hanako@home\.test> NOTIFY=SUCCESS,FAILURE/)
    // MAIL, RCPT and the chunk in one go
    said(/SMTP\|> MAIL .*\n *\d+ +SMTP\|> RCPT .*\n *\d+ +SMTP\+> BDAT \d+ LAST/)
    // more than one chunk for a message
    said(/SMTP\+> BDAT \d+$/m)
    // K: chunks, L: pipelined, to our MX
    said(/=> hanako@home\.test .*T=to_us .* X=TLS1\.3\S* .*\bL K /)
    assert.ok(!/DATA$/m.test(log))
  })
})
