import { viewCapability } from '#protocols/jmap/wire.ts'
import type { ViewCapability } from '#protocols/jmap/wire-view.ts'
import { useMail } from './mail-context.ts'

/** For a select: the charsets that this account's server reads in */
export function CharsetOptions() {
  const { client } = useMail()
  const own = client.session.accounts[client.accountId]?.accountCapabilities[viewCapability]
  const { charsets = [] } = (own ?? {}) as Partial<ViewCapability>
  return charsets.map(name => (
    <option key={name} value={name}>
      {name}
    </option>
  ))
}
