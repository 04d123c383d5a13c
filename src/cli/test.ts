import { setTimeout as sleep } from 'node:timers/promises'
import { say } from '#base/text.ts'
import type { StoredEvent } from '#mail/events.ts'
import type { TestSent } from '#roles/admin-test-message.ts'
import { printAnswer, printJson, withAdmin } from './administer.ts'
import type { AdminClient } from './admin-client.ts'
import type { Call, Command } from './command.ts'
import { plain } from './table.ts'
import { type ExitCode, exitCodes } from './terminal.ts'
import { printTrace } from './trace.ts'

const address = { name: 'address', text: { en: 'who gets the test message', ja: 'テストメールの宛先' } }

export const test: Command = {
  name: 'test',
  text: { en: 'send a test message and show its way', ja: 'テストメールを送り、道筋を示す' },
  subcommands: [
    {
      name: 'in',
      text: {
        en: 'from the gateway to a mailbox of ours (on the gateway)',
        ja: 'ゲートウェイから自分のメールボックスへ(ゲートウェイで実行)',
      },
      arguments: [address],
      run: call => sendTest(call, 'in'),
    },
    {
      name: 'out',
      text: { en: 'from home to an address outside (at home)', ja: 'homeから外のアドレスへ(homeで実行)' },
      arguments: [address],
      run: call => sendTest(call, 'out'),
    },
  ],
}

const watchMs = 15_000
const askEveryMs = 300
const ends: readonly StoredEvent['kind'][] = [
  'delivered',
  'passed-on',
  'sent',
  'held',
  'refused',
  'attempt-failed',
  'attempt-deferred',
  'expired',
]

function sendTest(call: Call, direction: 'in' | 'out'): Promise<ExitCode> {
  return withAdmin(call, async client => {
    const answer = await client.call('test', { direction, address: call.args[0] })
    if ('refused' in answer) return printAnswer(call, answer, () => {})
    const sent = answer.result as TestSent
    const events = await follow(client, sent.about, call.terminal.signal)
    const good = events.some(event => ['delivered', 'passed-on', 'sent'].includes(event.kind))
    if (call.json) printJson(call.terminal, { box: answer.box, result: { ...sent, arrived: good, events } })
    else {
      call.terminal.out(`${answer.box}\n`)
      if (sent.reply !== undefined) call.terminal.out(`${plain(sent.reply)}\n`)
      printTrace(events, call.terminal)
      const verdict = good
        ? { en: 'passed on', ja: '渡りました' }
        : { en: 'not passed on yet', ja: 'まだ渡っていません' }
      call.terminal.out(`${say(verdict, call.terminal.language)}\n`)
    }
    return good ? exitCodes.well : exitCodes.refused
  })
}

/** The trace until something final is in it. */
async function follow(client: AdminClient, about: string, signal: AbortSignal): Promise<readonly StoredEvent[]> {
  const until = performance.now() + watchMs
  for (;;) {
    const answer = await client.call('trace', { about })
    const events = 'result' in answer ? (answer.result as readonly StoredEvent[]) : []
    if (events.some(event => ends.includes(event.kind)) || performance.now() > until || signal.aborted) return events
    await sleep(askEveryMs)
  }
}
