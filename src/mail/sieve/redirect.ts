/** redirect, RFC 5228 §4.2, with RFC 6009 and RFC 6134 §2.4 */
import { canonicalAddress, parseAddress, printAddress, splitSubaddress } from '#formats/address/address.ts'
import type { Statement } from '#formats/sieve/program.ts'
import { maxHops } from '../deliver/limits.ts'
import { SieveFault } from './fault.ts'
import { rawValue } from './letter.ts'
import { addAction, ownActions, type Run } from './run.ts'
import { texts } from './texts.ts'
import { expand, fullListName } from './values.ts'

export async function redirect(run: Run, statement: Extract<Statement, { kind: 'redirect' }>): Promise<void> {
  const to = expand(run, statement.to)
  const addresses = statement.list ? await listMembers(run, to) : [to]
  let sent = 0
  for (const address of addresses) if (redirectTo(run, statement, address)) sent++
  // a message that is redirected to nobody is not lost
  if (!statement.copy && sent > 0) run.outcome.implicitKeep = false
}

async function listMembers(run: Run, name: string): Promise<readonly string[]> {
  const list = fullListName(name)
  const { maxRedirects } = run.ports.limits
  if (!(await run.ports.lists.exists(run.message.account, list))) throw new SieveFault(texts.noSuchList(name))
  const members = await run.ports.lists.members(run.message.account, list, maxRedirects + 1)
  if (!members) throw new SieveFault(texts.listNotReadable(name))
  return members
}

function redirectTo(run: Run, { notify, ret }: Extract<Statement, { kind: 'redirect' }>, to: string): boolean {
  const canonical = canonicalAddress(to)
  if (canonical === undefined) throw new SieveFault(texts.badAddress(to))
  if (!mayRedirect(run, canonical)) return false
  const actions = run.outcome.actions.filter(action => action.kind === 'redirect')
  // RFC 5228 §2.10.3: the same address once
  if (actions.some(action => canonicalAddress(action.to) === canonical)) return true
  const { maxRedirects } = run.ports.limits
  if (ownActions(run).filter(({ kind }) => kind === 'redirect').length >= maxRedirects)
    throw new SieveFault(texts.tooManyRedirects(maxRedirects))
  addAction(run, {
    kind: 'redirect',
    to,
    content: run.letter.content,
    ...(notify !== undefined && { notify: expand(run, notify) }),
    ...(ret !== undefined && { ret: expand(run, ret) }),
  })
  return true
}

/** Not to ourselves, not to where it has been, not what has travelled too far, no junk: it is kept instead. */
function mayRedirect(run: Run, canonical: string): boolean {
  const { letter, message, account } = run
  if (message.content?.verdict === 'junk' || message.content?.verdict === 'reject') return false
  if (letter.fields('received').length >= maxHops) return false
  const to = mailboxAt(run, canonical)
  if (to === undefined || account.addresses.includes(to) || mailboxAt(run, message.recipient) === to) return false
  return !letter.fields('delivered-to').some(field => mailboxAt(run, Buffer.from(rawValue(field)).toString()) === to)
}

/** Without its detail (RFC 5233): a loop that gives itself another one each time would double until it has travelled too far. */
function mailboxAt({ account }: Run, text: string): string | undefined {
  const address = parseAddress(text)
  if (!address) return undefined
  const { user: localpart } = splitSubaddress(address.localpart, account.separators)
  return canonicalAddress(printAddress({ localpart, domain: address.domain }))
}
