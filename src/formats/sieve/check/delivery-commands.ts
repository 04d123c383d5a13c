/** Commands that decide where the message goes and who hears of it. */
import { parseAddress } from '#formats/address/address.ts'
import { notifyMethods } from '../extensions.ts'
import type { Template } from '../program.ts'
import { texts } from '../texts.ts'
import type { Bound } from './arguments.ts'
import {
  fccOf,
  fccTags,
  flagsOf,
  flagTags,
  isMailboxName,
  mailboxTags,
  mailboxTarget,
  variableOf,
} from './common-tags.ts'
import type { CommandRule } from './rules.ts'

const keep: CommandRule = { tags: flagTags, read: bound => ({ kind: 'keep', ...flagsOf(bound) }) }
const discard: CommandRule = { read: () => ({ kind: 'discard' }) }
const stop: CommandRule = { read: () => ({ kind: 'stop' }) }

const fileinto: CommandRule = {
  extension: 'fileinto',
  tags: { copy: { extension: 'copy' }, ...flagTags, ...mailboxTags },
  positional: ['string'],
  read: bound => {
    const mailbox = bound.string(0)
    if (typeof mailbox === 'string' && !isMailboxName(mailbox))
      bound.checker.tell(bound.placeOfValue(0), texts.badMailbox(mailbox))
    return { kind: 'fileinto', copy: bound.has('copy'), ...mailboxTarget(bound, mailbox), ...flagsOf(bound) }
  },
}

/** RFC 6009 §4 for :notify and :ret, RFC 6134 §2.4 for :list */
const redirect: CommandRule = {
  tags: {
    copy: { extension: 'copy' },
    list: { extension: 'extlists' },
    notify: { extension: 'redirect-dsn', value: 'string' },
    ret: { extension: 'redirect-dsn', value: 'string' },
  },
  positional: ['string'],
  read: bound => {
    const to = bound.string(0)
    const list = bound.has('list')
    if (typeof to === 'string' && !list && !parseAddress(to))
      bound.checker.tell(bound.placeOfValue(0), texts.badAddress(to))
    const notify = bound.tagString('notify')
    const ret = bound.tagString('ret')
    checkChoice(
      bound,
      'notify',
      notify,
      /^(?:never|(?:success|failure|delay)(?:,(?:success|failure|delay))*)$/i,
      'NEVER, SUCCESS, FAILURE, DELAY',
    )
    checkChoice(bound, 'ret', ret, /^(?:full|hdrs)$/i, 'FULL, HDRS')
    return {
      kind: 'redirect',
      to,
      list,
      copy: bound.has('copy'),
      ...(notify !== undefined && { notify }),
      ...(ret !== undefined && { ret }),
    }
  },
}

function checkChoice(bound: Bound, tag: string, value: Template | undefined, good: RegExp, choices: string): void {
  if (typeof value === 'string' && !good.test(value))
    bound.checker.tell(bound.placeOf(tag), texts.badChoice(value, choices))
}

function reject(command: 'reject' | 'ereject'): CommandRule {
  return {
    extension: command,
    positional: ['string'],
    read: bound => ({ kind: 'reject', command, reason: bound.string(0) }),
  }
}

function flags(change: 'set' | 'add' | 'remove'): CommandRule {
  return {
    extension: 'imap4flags',
    positional: ['string?', 'strings'],
    read: bound => {
      const statement = { kind: 'flags', change, flags: bound.strings(1) } as const
      if (!bound.given(0)) return statement
      bound.checker.need(bound.placeOfValue(0), `${change}flag`, 'variables')
      return { ...statement, variable: variableOf(bound, 0, `${change}flag`) }
    },
  }
}

/** RFC 5230, RFC 6131 */
const vacation: CommandRule = {
  extension: 'vacation',
  tags: {
    days: { value: 'number', group: 'period' },
    seconds: { value: 'number', group: 'period', extension: 'vacation-seconds' },
    subject: { value: 'string' },
    from: { value: 'string' },
    addresses: { value: 'strings' },
    mime: {},
    handle: { value: 'string' },
    ...fccTags,
  },
  positional: ['string'],
  read: bound => {
    const days = bound.tagNumber('days')
    const seconds = bound.tagNumber('seconds') ?? (days === undefined ? undefined : days * 86_400)
    const subject = bound.tagString('subject')
    const from = bound.tagString('from')
    if (typeof from === 'string' && !from.includes('@'))
      bound.checker.tell(bound.placeOf('from'), texts.badAddress(from))
    const handle = bound.tagString('handle')
    return {
      kind: 'vacation',
      mime: bound.has('mime'),
      reason: bound.string(0),
      addresses: bound.tagStrings('addresses') ?? [],
      ...(seconds !== undefined && { seconds }),
      ...(subject !== undefined && { subject }),
      ...(from !== undefined && { from }),
      ...(handle !== undefined && { handle }),
      ...fccOf(bound),
    }
  },
}

/** RFC 5435 §3 */
const notify: CommandRule = {
  extension: 'enotify',
  tags: {
    from: { value: 'string' },
    importance: { value: 'string' },
    options: { value: 'strings' },
    message: { value: 'string' },
    ...fccTags,
  },
  positional: ['string'],
  read: bound => {
    const method = bound.string(0)
    if (typeof method === 'string' && !isKnownMethod(method))
      bound.checker.tell(bound.placeOfValue(0), texts.badNotifyMethod(method))
    const from = bound.tagString('from')
    const importance = bound.tagString('importance')
    checkChoice(bound, 'importance', importance, /^[123]$/, '1, 2, 3')
    const message = bound.tagString('message')
    return {
      kind: 'notify',
      method,
      options: bound.tagStrings('options') ?? [],
      ...(from !== undefined && { from }),
      ...(importance !== undefined && { importance }),
      ...(message !== undefined && { message }),
      ...fccOf(bound),
    }
  },
}

function isKnownMethod(method: string): boolean {
  return notifyMethods.some(known => method.toLowerCase().startsWith(`${known}:`))
}

export const deliveryCommands: Readonly<Record<string, CommandRule>> = {
  keep,
  discard,
  stop,
  fileinto,
  redirect,
  reject: reject('reject'),
  ereject: reject('ereject'),
  setflag: flags('set'),
  addflag: flags('add'),
  removeflag: flags('remove'),
  vacation,
  notify,
}
