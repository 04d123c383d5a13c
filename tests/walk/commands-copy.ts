/** COPY and MOVE, and their UID forms. RFC 9051 §6.4.7, §6.4.8, RFC 6851, RFC 4315 §3 (COPYUID) */
import type { Command, Ground, Outcome } from './command.ts'
import { complain } from './complaint.ts'
import { type Expected, expectCopy } from './expected.ts'
import { type Mailbox, marksOfCopy, marksOfTwin, type Message } from './model.ts'
import { writeName } from './mailbox-name.ts'
import type { Code } from './response-code.ts'
import { someTargets, type Targets } from './targets.ts'

export function copyOrMove(ground: Ground, byNumber: boolean, moves: boolean): Command | undefined {
  const { random, client, model } = ground
  const targets = someTargets(ground, byNumber)
  if (!targets) return undefined
  const names = [...model.mailboxes.keys()].filter(
    name => (!moves || name !== client.view?.mailbox) && model.mailbox(name).messages.size < crowd,
  )
  if (names.length === 0) return undefined
  const into = random.integer(15) === 0 ? 'nowhere' : random.pick(names)
  const name = `${byNumber ? '' : 'UID '}${moves ? 'MOVE' : 'COPY'}`
  return {
    name,
    parts: [`${name} ${targets.set} ${writeName(into, client.isRev2)}`],
    isLast: moves,
    resolve: outcome => resolve(outcome, targets, into, moves),
    check: outcome => check(outcome, targets, into, moves),
  }
}

/** Nothing is copied into mailboxes as full as this */
const crowd = 40

type CopyUid = Code & { name: 'COPYUID' }

/** MOVE may tell what it has moved in several responses. RFC 6851 §4.3 */
function copyUidsOf({ tagged, untagged }: Outcome): readonly CopyUid[] {
  const codes = [tagged?.code, ...untagged.map(one => (one.kind === 'status' ? one.code : undefined))]
  return codes.filter((code): code is CopyUid => code?.name === 'COPYUID')
}

function resolve(outcome: Outcome, { uids }: Targets, into: string, moves: boolean): void {
  const { model, tagged, view } = outcome
  const target = model.mailboxes.get(into)
  if (!view || !target || (moves && view.readOnly)) return
  const source = model.mailbox(view.mailbox)
  const codes = copyUidsOf(outcome)
  for (const code of codes) takeCopies(outcome, source, target, code, moves)
  // a MOVE that fails may have moved some (RFC 6851 §3.3); COPY does all or nothing (RFC 9051 §6.4.7)
  const rest = uids.difference(new Set(codes.flatMap(({ from }) => from)))
  if (!tagged || (moves && tagged.status === 'NO')) maybeCopies(outcome, source, target, rest, moves)
}

function takeCopies(outcome: Outcome, source: Mailbox, target: Mailbox, code: CopyUid, moves: boolean): void {
  if (code.from.length !== code.to.length)
    complain('copyuid', `COPYUID tells ${code.from.length} sources and ${code.to.length} copies`)
  if (target.uidValidity !== undefined && code.uidValidity !== target.uidValidity)
    complain('copyuid', `COPYUID tells UIDVALIDITY ${code.uidValidity}, ${target.name} has ${target.uidValidity}`)
  for (const [at, uid] of code.from.entries()) {
    const message = source.messages.get(uid)
    if (!message) complain('copyuid', `COPYUID tells UID ${uid} of ${source.name}, which is not there`)
    const { letter, internalDate } = message
    const fields = { uid: code.to[at] ?? 0, letter, internalDate, marks: marksOfCopy(message, outcome) }
    outcome.model.add(target, fields).toldBy = 'copyuid'
    if (moves) message.alive.write(outcome, false, true)
  }
}

/** The connection broke: COPY is all or nothing, MOVE is so for each message. RFC 6851 §3.3 */
function maybeCopies(
  outcome: Outcome,
  source: Mailbox,
  target: Mailbox,
  uids: ReadonlySet<number>,
  moves: boolean,
): void {
  const group: Expected[] = []
  for (const uid of uids) {
    const message = source.messages.get(uid)
    if (!message) continue
    // which of two copies of one letter comes first is not known
    const isTwin = [...uids].some(other => other !== uid && source.messages.get(other)?.letter === message.letter)
    const marks = isTwin ? marksOfTwin(message) : marksOfCopy(message, outcome)
    const copy = expectCopy(target.name, message, marks, moves ? source.name : undefined)
    if (moves) message.alive.write(outcome, false, false)
    const { round } = outcome.model
    group.push({ ...copy, mayLack: () => source.presence(message, round) !== 'yes' })
  }
  outcome.model.expect(group, moves ? 'each' : 'all')
}

function check(outcome: Outcome, { uids }: Targets, into: string, moves: boolean): void {
  const { model, tagged, view } = outcome
  if (!tagged || !view) return
  if (tagged.status === 'BAD') complain('refused', 'COPY was answered BAD')
  const isRefused = moves && view.readOnly
  if (!model.mailboxes.has(into) || isRefused) {
    if (tagged.status === 'OK')
      complain('allowed', `${isRefused ? 'MOVE in a mailbox selected read-only' : 'COPY to nowhere'}`)
    // RFC 9051 §6.4.7: MUST send TRYCREATE
    if (!isRefused && !(tagged.code.name === 'other' && tagged.code.atom === 'TRYCREATE'))
      complain('missing', 'COPY to nowhere was refused without TRYCREATE')
    return
  }
  const copied = new Set(copyUidsOf(outcome).flatMap(({ from }) => from))
  const source = model.mailbox(view.mailbox)
  let isAnyGone = false
  for (const uid of copied)
    if (!uids.has(uid)) complain('copyuid', `COPYUID tells UID ${uid}, which was not to be copied`)
  for (const uid of uids) {
    const message = source.messages.get(uid)
    const isThere = message !== undefined && isThereBut(outcome, source, message, moves)
    if (!isThere) isAnyGone = true
    else if (tagged.status === 'OK' && !copied.has(uid)) complain('copyuid', `COPYUID does not tell UID ${uid}`)
  }
  // RFC 2180 §4.4: NO when some of them have gone
  if (tagged.status === 'NO' && !isAnyGone) complain('refused', 'COPY was answered NO, and every message is there')
  if (moves && tagged.status === 'OK')
    for (const uid of copied)
      if (view.slotOf(uid)) complain('expunge', `UID ${uid} was moved, and its number was not taken back`)
}

/** There for the whole round, but for this command's own doing. */
function isThereBut(outcome: Outcome, mailbox: Mailbox, message: Message, moves: boolean): boolean {
  if (!moves) return mailbox.presence(message, outcome.model.round) === 'yes'
  return outcome.isQuiet && message.alive.possible.size === 1 && message.bornRound < outcome.model.round
}
