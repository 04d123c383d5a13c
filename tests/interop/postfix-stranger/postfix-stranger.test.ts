// Postfix is a stranger's server that sends through our gateway's MX to home. See README.md.
import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import { missing } from '../../support/debian.ts'
import { startPostfix } from '../postfix/postfix.ts'
import { openStrangerBench, type StrangerBench, strangerSuite } from '../stranger-suite.ts'

const skip = await missing('postfix')

describe('Postfix sends through our MX', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let bench: StrangerBench

  before(async () => {
    bench = await openStrangerBench(scope, ports => startPostfix(scope, new URL('main.cf', import.meta.url), ports))
  })
  after(() => scope.disposeAsync())

  strangerSuite(() => bench, 50)

  test('its log shows which extensions both used, in both directions', () => {
    const log = bench.stranger.log()
    const said = (pattern: RegExp) => assert.match(log, pattern)
    // smtpd, in front of which our client stands
    said(/smtpd.*< .*MAIL FROM:<stranger@stranger\.test> SIZE=\d+ BODY=8BITMIME/)
    said(/smtpd.*< .*MAIL FROM:<stranger@stranger\.test> .*SMTPUTF8/)
    said(/smtpd.*< .*MAIL FROM:<stranger@stranger\.test> .*RET=HDRS ENVID=envelope-7/)
    said(/smtpd.*< .*RCPT TO:<hanako@home\.test> .*NOTIFY=SUCCESS,FAILURE/)
    said(/smtpd.*< .*BDAT 2\d{6} LAST/)
    // smtp, behind which our MX stands
    said(/smtp\[.*> .*STARTTLS\n/)
    said(/smtp\[.*> .*MAIL FROM:<stranger@stranger\.test> SIZE=\d+ BODY=8BITMIME/)
    said(/smtp\[.*> .*MAIL FROM:<stranger@stranger\.test> .*SMTPUTF8/)
    said(/smtp\[.*> .*MAIL FROM:<stranger@stranger\.test> .*ENVID=envelope-7 RET=HDRS/)
    said(/smtp\[.*> .*RCPT TO:<hanako@home\.test> ORCPT=rfc822;hanako@home\.test NOTIFY=SUCCESS,FAILURE/)
    said(/dsn=2\.0\.0, status=sent/)
    said(/dsn=5\.1\.1, status=bounced/)
    // pipelined: DATA goes out before MAIL is answered
    const session = /> .*(MAIL FROM.*)\n.*> .*(RCPT TO.*)\n.*> .*(DATA)\n.*< .*250 2\.1\.0/
    said(session)
    assert.doesNotMatch(log, /smtp\[.*> .*BDAT/, 'the day Postfix sends chunks, docs/quirks.md has a line too many')
  })
})
