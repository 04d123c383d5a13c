/** Content of messages at home: judged when they come, learnt from what is done with them. */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { openContentStore } from '#store/content/content-store.ts'
import { Examiner } from './content/examiner.ts'
import { createContentJudge } from './content/judge.ts'
import { JunkLearning } from './content/learning.ts'
import { ScannerGate, type ScannerSettings, type ScannerState } from './content/scanner-gate.ts'
import type { Scanner } from './content/scanner.ts'
import type { ContentSettings } from './content/settings.ts'
import type { Events } from './events.ts'
import type { ContentJudge } from './judging.ts'

export type ContentOptions = {
  /** Holds a folder for each account */
  readonly folder: string
  /** Of this installation, durable, at least 4 octets: what is learnt is kept under it */
  readonly key: Uint8Array
  settings(): ContentSettings
  /** `settings`: undefined while the scanner is not to be asked */
  readonly scanners: readonly { readonly scanner: Scanner; settings(): ScannerSettings | undefined }[]
  readonly log: Log
  readonly clock: Clock
  readonly events: Events
  /** Whether a card of the account has this canonical address */
  isContact(account: string, address: string): Promise<boolean>
  /** The disk has room for what is no mail */
  mayWrite(): boolean
}

export type Content = AsyncDisposable & {
  readonly judge: ContentJudge
  /** Follows the accounts */
  readonly learning: JunkLearning
  scanners(): readonly ScannerState[]
}

export function openContent(options: ContentOptions): Content {
  const { folder, log, clock, events, settings } = options
  const seed = new DataView(options.key.buffer, options.key.byteOffset).getUint32(0) >>> 1
  const store = openContentStore(folder, seed)
  // for messages that have ended the other one's thread
  const careful = openContentStore(folder, seed)
  const learning = new JunkLearning({ store, log, clock, events, mayWrite: () => options.mayWrite() })
  const gates = options.scanners.map(one => new ScannerGate(one.scanner, () => one.settings(), { log, clock }))
  const examiner = new Examiner(store, careful, log)
  if (settings().filter) examiner.warmUp()
  return {
    judge: createContentJudge({
      examiner,
      gates,
      settings,
      isContact: (...asked) => options.isContact(...asked),
      clock,
      log,
    }),
    learning,
    scanners: () => gates.filter(gate => gate.settings).map(gate => gate.state),
    async [Symbol.asyncDispose]() {
      await learning[Symbol.asyncDispose]()
      await careful[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}
