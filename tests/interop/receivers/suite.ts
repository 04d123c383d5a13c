/** Everything that a real mail server and our outbound queue do to each other: one suite, whichever server it is. */
import { after, before, describe } from 'node:test'
import { type Bench, openBench } from './bench.ts'
import { brokenSuite } from './broken-suite.ts'
import { lettersSuite } from './letters-suite.ts'
import type { ReceiverKind } from './receiver.ts'
import { tlsSuite } from './tls-suite.ts'
import { upstreamSuite } from './upstream-suite.ts'

export function receiverSuite(kind: ReceiverKind): void {
  describe(`${kind.name} as the recipients’ server`, { skip: kind.skip, timeout: 160_000, concurrency: 8 }, () => {
    const scope = new AsyncDisposableStack()
    let bench: Bench
    before(async () => {
      bench = await openBench(scope, kind)
    })
    after(() => scope.disposeAsync())
    lettersSuite(() => bench)
    tlsSuite(() => bench)
    upstreamSuite(() => bench)
    brokenSuite(() => bench)
  })
}
