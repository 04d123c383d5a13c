import assert from 'node:assert/strict'
import test from 'node:test'
import { createMetrics } from './metrics.ts'

test('prints counters, gauges and histograms in the text format', () => {
  const metrics = createMetrics()
  const messages = metrics.counter('messages_total', 'Messages')
  messages.add(2, { result: 'said "no"\n' })
  messages.add()
  metrics.gauge('queue_depth', 'Waiting', () => [{ labels: { queue: 'hold' }, value: 3 }])
  const time = metrics.histogram('commit_seconds', 'Commits', [0.1, 1])
  for (const seconds of [0.1, 0.5, 7]) time.observe(seconds, { disk: 'a' })
  assert.equal(
    metrics.print(),
    `# HELP messages_total Messages
# TYPE messages_total counter
messages_total{result="said \\"no\\"\\n"} 2
messages_total 1
# HELP queue_depth Waiting
# TYPE queue_depth gauge
queue_depth{queue="hold"} 3
# HELP commit_seconds Commits
# TYPE commit_seconds histogram
commit_seconds_bucket{disk="a",le="0.1"} 1
commit_seconds_bucket{disk="a",le="1"} 2
commit_seconds_bucket{disk="a",le="+Inf"} 3
commit_seconds_sum{disk="a"} 7.6
commit_seconds_count{disk="a"} 3
`,
  )
})

test('labels without end count together beyond a bound; names are taken once', () => {
  const metrics = createMetrics()
  const seen = metrics.counter('seen_total', 'Seen')
  for (let peer = 0; peer < 2_000; peer++) seen.add(1, { peer: String(peer) })
  const lines = metrics.print().split('\n')
  assert.ok(lines.length < 1_010)
  assert.ok(lines.includes('seen_total{overflow="true"} 1000'))
  assert.throws(() => metrics.counter('seen_total', 'Again'))
})
