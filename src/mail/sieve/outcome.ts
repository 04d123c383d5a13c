/** What a run decided → what is done: Filed. */
import type { Envelope } from '#formats/envelope.ts'
import type { Filed, FiledCopy, FilingEffect, MailboxChoice } from '../filing.ts'
import type { Composed } from './compose.ts'
import { SieveFault } from './fault.ts'
import { uniteFlags } from './flags.ts'
import type { Content } from './letter.ts'
import { rejection } from './reject.ts'
import { type Action, ownActions, type Run } from './run.ts'
import { texts } from './texts.ts'

type Placement = Filed['placements'][number]

export function filedOf(run: Run): Filed {
  const { actions, implicitKeep, remember } = run.outcome
  const refused = actions.find(action => action.kind === 'reject')
  return {
    placements: placementsOf(run, implicitKeep),
    effects: effectsOf(run).map(effect =>
      run.byAdministrator.has(effect.index) ? { ...effect, by: 'administrator' } : effect,
    ),
    copies: copiesOf(actions),
    remember,
    ...(refused && { rejected: { kind: refused.command, reason: refused.reason } }),
  }
}

/**
 * RFC 5429 §2.4: refused, and at the same time delivered or answered, is a contradiction of one script. What an administrator's script has
 * filed or redirected before stays (an archive, say); two answers are one too many whoever they come from.
 */
export function checkRejects(run: Run): void {
  const own = ownActions(run)
  const rejects = own.filter(action => action.kind === 'reject')
  const last = rejects.at(-1)
  if (!last) return
  const others =
    own.some(({ kind }) => kind === 'file' || kind === 'redirect') ||
    run.outcome.actions.some(action => action.kind === 'send' && action.as === 'reply')
  if (others || rejects.length > 1) throw new SieveFault(texts.rejectWith, last.at, last.script)
}

/** RFC 5228 §2.10.3: the same mailbox once, with all flags that were asked for, unless the message was changed in between */
function placementsOf(run: Run, implicitKeep: boolean): Placement[] {
  const files = run.outcome.actions.filter(action => action.kind === 'file')
  const found = new Map<
    string,
    { mailbox: MailboxChoice; flags: readonly string[]; content: Content; implicit?: true }
  >()
  const add = (mailbox: MailboxChoice, flags: readonly string[], content: Content, implicit?: true) => {
    const key = `${keyOf(mailbox)} ${content.version}`
    const before = found.get(key)
    found.set(key, {
      mailbox,
      content,
      flags: uniteFlags([...(before?.flags ?? []), ...flags]),
      ...(implicit && !before && { implicit }),
    })
  }
  for (const { mailbox, flags, content } of files) add(mailbox, flags, content)
  const implicit = run.outcome.before.keepAsked ? undefined : true
  if (implicitKeep) add(keepPlace(run), run.outcome.flags, run.letter.content, implicit)
  return [...found.values()].map(({ mailbox, flags, content, implicit }) => {
    const source = run.letter.sourceOf(content)
    return { mailbox, flags, ...(source !== run.letter.source && { edited: source }), ...(implicit && { implicit }) }
  })
}

function keepPlace({ message }: Run): MailboxChoice {
  return message.event ? { name: message.event.mailbox, create: false } : { role: 'inbox' }
}

function keyOf(mailbox: MailboxChoice): string {
  if ('mailboxId' in mailbox) return `id ${mailbox.mailboxId}`
  return 'role' in mailbox ? `role ${mailbox.role}` : `name ${mailbox.name}`
}

/** `index` is the action's place, whatever comes of the others: the same for a repeat */
function effectsOf(run: Run): FilingEffect[] {
  return run.outcome.actions.flatMap((action, index): FilingEffect[] => {
    switch (action.kind) {
      case 'file':
      case 'passed':
        return []
      case 'redirect': {
        const { to, notify, ret } = action
        const message = run.letter.innerSourceOf(action.content)
        return [
          {
            kind: 'redirect',
            index,
            to,
            message,
            ...(notify !== undefined && { notify }),
            ...(ret !== undefined && { ret }),
          },
        ]
      }
      case 'reject': {
        const compose = rejection(run, action.command, action.reason)
        return compose ? [letterEffect('reply', index, [run.message.envelope.reversePath], compose(index))] : []
      }
      case 'send': {
        const effect = letterEffect(action.as, index, action.letter.to, action.letter.compose(index))
        return [action.once === undefined ? effect : { ...effect, once: action.once }]
      }
    }
  })
}

/** Of the null path, so that nothing answers it; nobody is told how it fared (RFC 5230 §5.1) */
function letterEffect(
  kind: 'reply' | 'notify',
  index: number,
  to: readonly string[],
  { message, sevenBit, smtpUtf8 }: Composed,
): Extract<FilingEffect, { kind: 'reply' | 'notify' }> {
  const recipients = to.map(address => ({ address, notify: { never: true } as const }))
  const envelope: Envelope = { reversePath: '', recipients, body: sevenBit ? '7BIT' : '8BITMIME', smtpUtf8 }
  return { kind, index, envelope, message }
}

function copiesOf(actions: readonly Action[]): FiledCopy[] {
  return actions.flatMap((action, index): FiledCopy[] => {
    if (action.kind !== 'send' || !action.copy) return []
    const { message } = action.letter.compose(index)
    return [{ index, ...action.copy, message, ...(action.once !== undefined && { once: action.once }) }]
  })
}
