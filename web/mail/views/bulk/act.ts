/** Choosing all letters of a list, and doing one thing to them. */
import { type Everything, everythingIn } from '../../model/bulk/everything.ts'
import { BulkRun, type BulkWork, type PatchOf } from '../../model/bulk/run.ts'
import { MethodFault } from '../../jmap/fault.ts'
import type { KnownLabel } from '../../model/labels/labels.ts'
import type { Mail } from '../../model/mail.ts'
import { junkKeywords, movePatch } from '../../model/moving.ts'
import { leaveThread } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { type Act, type Doing, underWay } from './over-all.ts'

/** So long what was done to many can be taken back */
const undoMs = 60_000

export async function choose(mail: Mail): Promise<void> {
  const query = mail.list.peek()?.query
  if (!query) return
  const end = new AbortController()
  const { whole } = mail.selection
  const onFound = (found: number) => void (whole.value = { kind: 'collecting', found, stop: () => end.abort() })
  onFound(0)
  try {
    const everything = await everythingIn(mail.client, query, { signal: end.signal, onFound })
    if (!end.signal.aborted) whole.value = { kind: 'ready', everything }
  } catch (error) {
    if (end.signal.aborted) return
    whole.value = undefined
    mail.notices.say(error instanceof MethodFault ? t().bulk.changing : t().link.unreachable)
  }
}

export function actOn(mail: Mail, everything: Everything, act: Act): void {
  if (underWay.peek()) return mail.notices.say(t().bulk.busy)
  const work = workOf(mail, everything, act)
  if (!work) return mail.notices.failed()
  mail.selection.clear()
  if (act.kind !== 'read' && act.kind !== 'star' && act.kind !== 'label') leaveThread()
  void follow(mail, act.kind, new BulkRun(mail.client, everything.ids, work))
}

/** A label that is not wanted any more: first no letter has it, then nobody knows it. Rejects where that was stopped, or failed. */
export async function takeOffAll(mail: Mail, { keyword, name }: KnownLabel): Promise<void> {
  const query = { filter: { hasKeyword: keyword }, mailbox: undefined }
  const watch = { signal: new AbortController().signal, onFound: () => undefined }
  // more than can be taken at once go in several times
  for (let times = 0; times < 100; times++) {
    const all = await everythingIn(mail.client, query, watch)
    if (all.ids.size === 0) break
    const run = new BulkRun(mail.client, all.ids, { kind: 'patch', patchOf: keywordPatch(keyword, null) })
    underWay.value = { doing: 'label', run }
    await run.run()
    underWay.value = undefined
    if (run.state.peek() !== 'done') throw new Error(`${name} is still on some letters`)
  }
  await mail.labels.forget(keyword)
  await mail.sync.now().catch(() => undefined)
}

async function follow(mail: Mail, doing: Doing, run: BulkRun): Promise<void> {
  underWay.value = { doing, run }
  await run.run()
  underWay.value = undefined
  await mail.sync.now().catch(() => undefined)
  const back = doing === 'undo' ? undefined : run.undo()
  const undo = back && (() => void follow(mail, 'undo', back))
  mail.notices.say(saidOf(doing, run), undo, undo ? undoMs : undefined)
}

function saidOf(doing: Doing, { state, changed }: BulkRun): string {
  const words = t().bulk
  const how = state.peek()
  if (how === 'stopped') return words.stopped(changed.peek())
  if (how === 'failed') return words.failed(changed.peek())
  return doing === 'undo' ? words.undone(changed.peek()) : words.done(changed.peek())
}

function workOf(mail: Mail, { query }: Everything, act: Act): BulkWork | undefined {
  if (act.kind === 'destroy') return { kind: 'destroy' }
  const patchOf = patchFor(mail, query.mailbox, act)
  return patchOf && { kind: 'patch', patchOf }
}

/** Undefined: there is no such mailbox. */
function patchFor(mail: Mail, here: string | undefined, act: Exclude<Act, { kind: 'destroy' }>): PatchOf | undefined {
  switch (act.kind) {
    case 'read':
      return keywordPatch('$seen', true)
    case 'unread':
      return keywordPatch('$seen', null, mail.mailboxes.role('sent')?.id)
    case 'star':
      return keywordPatch('$flagged', true)
    case 'unstar':
      return keywordPatch('$flagged', null)
    case 'label':
      return keywordPatch(act.keyword, act.isOn ? true : null)
    case 'move':
      return movePatch({ to: act.to, here }, mail.mailboxes)
    case 'archive':
    case 'trash':
    case 'junk':
    case 'notJunk': {
      const role = act.kind === 'notJunk' ? 'inbox' : act.kind
      const to = mail.mailboxes.role(role)?.id
      const isAboutJunk = act.kind === 'junk' || act.kind === 'notJunk'
      const keywords = isAboutJunk ? { keywords: junkKeywords(act.kind === 'junk') } : {}
      return to === undefined ? undefined : movePatch({ to, here, ...keywords }, mail.mailboxes)
    }
    default:
      return act satisfies never
  }
}

/** `except`: letters of this mailbox stay as they are. */
function keywordPatch(keyword: string, value: true | null, except?: string): PatchOf {
  return ({ keywords, mailboxIds }) => {
    const isSo = (keywords[keyword] === true) === (value === true)
    return isSo || (except !== undefined && mailboxIds[except]) ? undefined : { keywords: { [keyword]: value } }
  }
}
