/** A judging thread that some messages end: as it would be if examining had a fault that nobody knows of. */
import { asciiText } from '#base/bytes.ts'
import type { JudgeInput, Judged } from '#store/content/operations.ts'
import { serveThread } from '#store/thread-port.ts'

serveThread(
  batch => {
    for (const call of batch.calls) {
      const { message } = call.input as JudgeInput
      if (call.operation === 'ready') batch.answer(call, {})
      else if (!message) batch.answer(call, { missing: true } satisfies Judged)
      else batch.answer(call, judge(asciiText(message.bytes)))
      batch.flush()
    }
  },
  () => {},
)

function judge(text: string): Judged {
  if (text.includes('FILL')) fill()
  for (; text.includes('HANG'); );
  const sender = { correspondent: false, junk: 0, ham: 0, domainJunk: 0, domainHam: 0, knowsOthers: false }
  return { missing: false, evidence: [], from: undefined, bulk: false, learnt: undefined, sender }
}

/** Until the heap's limit ends the thread */
function fill(): void {
  const all: object[] = []
  for (;;) all.push(Array.from({ length: 10_000 }, (_, index) => ({ index })))
}
