import type { Downstream } from '../downstream.ts'
import type { HomeReceiver } from '../deliver.ts'

/** Home in the gateway's own process: the link with the socket left out. */
export function inProcessDownstream(home: HomeReceiver): Downstream {
  return {
    async open(envelope, facts, declaredSize) {
      const transaction = home.take(facts, envelope, declaredSize)
      return {
        recipient: recipient => transaction.recipient(recipient),
        message: async (trace, message, signal) => (await transaction.deliver(trace, message, signal)).results,
        close: () => transaction.settle('aborted'),
      }
    },
    settle: settled => home.confirm(settled),
  }
}
