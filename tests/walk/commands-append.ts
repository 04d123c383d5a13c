/** APPEND, of one message or several. RFC 9051 §6.3.12, RFC 3502 (MULTIAPPEND), RFC 7888 (literals) */
import type { Command, Ground, Outcome } from './command.ts'
import { pickFlags } from './commands-store.ts'
import { complain } from './complaint.ts'
import type { Part } from './connection.ts'
import { type Letter, someNoon, writeLetter } from './letter.ts'
import { writeName } from './mailbox-name.ts'
import { marksOf, type Span } from './model.ts'

type Item = { readonly letter: Letter; readonly flags: readonly string[]; readonly time: number | undefined }

/** INTERNALDATE has seconds, and the clock of the server is ours. */
const second = 1_000

export function append(ground: Ground): Command {
  const { random, model, client } = ground
  const into = random.integer(15) === 0 ? 'nowhere' : random.pick([...model.mailboxes.keys(), 'INBOX'])
  const count = random.integer(4) === 0 ? 2 + random.integer(2) : 1
  const parts: Part[] = [`APPEND ${writeName(into, client.isRev2)}`]
  const items = Array.from({ length: count }, () => {
    const flags = random.integer(2) === 0 ? pickFlags(ground) : []
    const noon = random.integer(2) === 0 ? someNoon(random) : undefined
    const letter = writeLetter(ground.letterId(), random)
    parts.push(`${flags.length > 0 ? ` (${flags.join(' ')})` : ''}${noon ? ` ${noon.text}` : ''} `, {
      literal: letter.bytes,
    })
    return { letter, flags, time: noon?.time }
  })
  return {
    name: 'APPEND',
    parts,
    waits: random.integer(4) === 0,
    resolve: outcome => resolve(outcome, items, into),
    check: outcome => check(outcome, items, into),
  }
}

function resolve(outcome: Outcome, items: readonly Item[], into: string): void {
  const { model, tagged } = outcome
  const target = model.mailboxes.get(into)
  if (!target || tagged?.status === 'NO' || tagged?.status === 'BAD') return
  const spans = items.map(({ time }): Span => (time === undefined ? spanOf(outcome) : { from: time, to: time }))
  if (!tagged) {
    const group = items.map(({ letter, flags }, at) => ({
      mailbox: into,
      letter,
      internalDate: spans[at] ?? spanOf(outcome),
      marks: marksOf(flags),
      isDelivery: false,
    }))
    return model.expect(group, 'all')
  }
  const { code } = tagged
  if (code.name !== 'APPENDUID' || code.uids.length !== items.length)
    complain('appenduid', `${items.length} messages were appended, and the answer tells ${JSON.stringify(code)}`)
  if (target.uidValidity !== undefined && code.uidValidity !== target.uidValidity)
    complain('appenduid', `APPENDUID tells UIDVALIDITY ${code.uidValidity}, ${into} has ${target.uidValidity}`)
  for (const [at, { letter, flags }] of items.entries()) {
    const fields = {
      uid: code.uids[at] ?? 0,
      letter,
      internalDate: spans[at] ?? spanOf(outcome),
      marks: marksOf(flags),
    }
    model.add(target, fields).toldBy = 'appenduid'
  }
}

export function spanOf({ sentAt, answeredAt }: Pick<Outcome, 'sentAt' | 'answeredAt'>): Span {
  return { from: sentAt - second, to: answeredAt + second }
}

function check({ tagged, model }: Outcome, items: readonly Item[], into: string): void {
  if (!tagged) return
  const isThere = model.mailboxes.has(into)
  if (isThere && tagged.status !== 'OK') complain('refused', `APPEND of ${items.length} was answered ${tagged.status}`)
  if (isThere) return
  if (tagged.status !== 'NO') complain('allowed', `APPEND to nowhere was answered ${tagged.status}`)
  // RFC 9051 §6.3.12: MUST send TRYCREATE
  if (!(tagged.code.name === 'other' && tagged.code.atom === 'TRYCREATE'))
    complain('missing', 'APPEND to nowhere was refused without TRYCREATE')
}
