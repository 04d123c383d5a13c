/** NOTIFY SET. RFC 5465 §3.1 */
import type { Command, Ground, Outcome } from './command.ts'
import { mustBeOk } from './commands-session.ts'
import { complain } from './complaint.ts'
import { writeName } from './mailbox-name.ts'
import { type Watch, watches } from './watch.ts'

export function notify(ground: Ground): Command | undefined {
  const { random, client } = ground
  if (!client.likes.has('NOTIFY') || (client.watch && random.integer(4) > 0)) return undefined
  const watch = someWatch(ground)
  const wantsStatus = random.integer(2) === 0
  const fresh = random.pick(['', ' (UID FLAGS)'])
  const events = `MessageNew MessageExpunge${random.integer(2) === 0 ? ' FlagChange' : ''}`
  const groups = [
    `(${watch.selected} (MessageNew${fresh} MessageExpunge FlagChange))`,
    `(${othersText(watch, client.isRev2)} (${events}${watch.names ? ' MailboxName' : ''}))`,
  ]
  return {
    name: 'NOTIFY',
    parts: [`NOTIFY SET${wantsStatus ? ' STATUS' : ''} ${groups.join(' ')}`],
    isLast: true,
    end: (one, { tagged }) => {
      if (tagged?.status === 'OK') one.watch = watch
    },
    check: outcome => {
      mustBeOk('NOTIFY')(outcome)
      if (wantsStatus) checkStatuses(outcome, watch)
    },
  }
}

function someWatch({ random, model }: Ground): Watch {
  const names = [...model.mailboxes.keys()].filter(() => random.integer(2) === 0)
  const isAll = names.length === 0 || random.integer(2) === 0
  return {
    selected: random.pick(['selected', 'selected-delayed']),
    others: isAll ? 'personal' : new Set(names),
    names: isAll && random.integer(2) === 0,
  }
}

function othersText({ others }: Watch, isRev2: boolean): string {
  return others === 'personal' ? others : `mailboxes (${[...others].map(name => writeName(name, isRev2)).join(' ')})`
}

/** RFC 5465 §3.1: with STATUS, one for every mailbox that is watched and not selected. */
function checkStatuses({ model, tagged, untagged, view, isQuiet }: Outcome, watch: Watch): void {
  if (!tagged) return
  for (const { name, messages } of model.mailboxes.values()) {
    if (!watches(watch, name) || view?.mailbox === name) continue
    const told = untagged.findLast(one => one.kind === 'mailbox' && one.name === name)
    if (told?.kind !== 'mailbox') complain('missing', `NOTIFY SET STATUS tells no STATUS of ${name}`)
    for (const item of ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY'])
      if (!told.items.has(item)) complain('missing', `NOTIFY SET STATUS tells no ${item} of ${name}`)
    if (isQuiet && Number(told.items.get('MESSAGES')) !== messages.size)
      complain('status', `NOTIFY tells ${told.items.get('MESSAGES')} messages in ${name}, there are ${messages.size}`)
  }
}
