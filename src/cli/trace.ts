import { say } from '#base/text.ts'
import type { StoredEvent } from '#mail/events.ts'
import { administer } from './administer.ts'
import type { Command } from './command.ts'
import { plain } from './table.ts'
import type { Terminal } from './terminal.ts'

export const trace: Command = {
  name: 'trace',
  text: { en: 'what happened to a message, step by step', ja: 'メールに何が起きたかを順に示す' },
  arguments: [
    {
      name: 'about',
      text: { en: 'an address, a Message-ID or a delivery id', ja: 'アドレス、Message-ID、または配送ID' },
    },
  ],
  run: call => administer<readonly StoredEvent[]>(call, 'trace', { about: call.args[0] }, printTrace),
}

export function printTrace(events: readonly StoredEvent[], terminal: Terminal): void {
  if (events.length === 0)
    terminal.out(`${say({ en: 'nothing is known', ja: '記録がありません' }, terminal.language)}\n`)
  for (const event of events) {
    const path =
      event.to === undefined ? '' : event.from === undefined ? ` ${event.to}` : ` <${event.from}> → ${event.to}`
    const facts = [event.delivery, event.client, event.reply].filter(fact => fact !== undefined).join(' · ')
    const line = `${new Date(event.at).toISOString()} ${event.box} ${event.kind}${path}${facts === '' ? '' : ` · ${facts}`}`
    terminal.out(`${plain(line)}\n`)
  }
}
