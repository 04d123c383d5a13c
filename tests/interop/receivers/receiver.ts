/** A real mail server that takes our mail, whichever it is, seen alike. */
import { missing } from '../../support/debian.ts'
import { startExim } from '../exim/exim.ts'
import { startPostfix } from '../postfix/postfix.ts'
import { startPolicy } from './postfix-policy.ts'
import type { Certificates } from './world.ts'

export type Heard = { readonly pid: number; readonly command: string }

export type Receiver = {
  readonly port: number
  /** Commands, those within TLS too, with the process that heard them */
  heard(): readonly Heard[]
  /** Messages that ended there, its own reports among them */
  mail(): readonly string[]
  log(): string
}

export type ReceiverKind = {
  readonly name: 'Postfix' | 'Exim'
  /** Why it cannot be had */
  readonly skip: string | false
  start(scope: AsyncDisposableStack, certificates: Certificates): Promise<Receiver>
}

export const postfixReceiver: ReceiverKind = {
  name: 'Postfix',
  skip: await missing('postfix'),
  async start(scope, { good, expired, misnamed, keyless }) {
    const values = { good, expired, misnamed, keyless, policy: await startPolicy(scope) }
    const postfix = await startPostfix(scope, here('postfix.cf'), values, here('postfix-faces.cf'))
    return {
      port: postfix.port,
      heard: () => heardIn(postfix.log(), /smtpd\[(\d+)\]: < [^\]]*\]: (.*)$/),
      mail: () => postfix.mail().map(String),
      log: postfix.log,
    }
  },
}

export const eximReceiver: ReceiverKind = {
  name: 'Exim',
  skip: await missing('exim'),
  async start(scope, { good, expired, misnamed, keyless }) {
    const files = [good, expired, misnamed, keyless].flatMap(name => [`${name}.crt`, `${name}.key`])
    const exim = await startExim(scope, here('exim.conf'), {}, files)
    return {
      port: exim.port,
      heard: () => heardIn(exim.log(), /^ *(\d+) +SMTP<< (.*)$/),
      mail: () => exim.mail().map(String),
      log: exim.log,
    }
  },
}

function here(name: string): URL {
  return new URL(name, import.meta.url)
}

function heardIn(log: string, pattern: RegExp): Heard[] {
  return log.split('\n').flatMap(line => {
    const match = pattern.exec(line)
    return match ? [{ pid: Number(match[1]), command: match[2] ?? '' }] : []
  })
}
