// The outbound queue at scale, for docs/performance.md: node scripts/measure-queue.ts [--messages N] [--destinations N] [--seconds N] [--only pace|drain]
import { parseArgs } from 'node:util'
import { drain, pace } from '../tests/queue-scale/run.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000' },
    destinations: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '40' },
    only: { type: 'string' },
  },
})
const destinations = Number(values.destinations)
if (values.only !== 'drain')
  for (const sick of [false, true]) {
    const measured = await pace({ destinations, perSecond: sick ? 150 : 100, seconds: Number(values.seconds), sick })
    console.log(JSON.stringify({ pace: sick ? 'a third is sick' : 'healthy only', ...measured }))
  }
if (values.only !== 'pace')
  console.log(JSON.stringify(await drain({ destinations, messages: Number(values.messages) })))
