/** `:fcc` of vacation and notify. RFC 8580 */
import type { FileCopy } from '#formats/sieve/program.ts'
import type { MailboxChoice } from '../filing.ts'
import { uniteFlags } from './flags.ts'
import { chooseMailbox } from './mailboxes.ts'
import type { Run } from './run.ts'
import { expandAll } from './values.ts'

export async function chooseCopy(
  run: Run,
  fcc: FileCopy,
): Promise<{ mailbox: MailboxChoice; flags: readonly string[] }> {
  const flags = fcc.flags ? uniteFlags(expandAll(run, fcc.flags)) : ['\\Seen']
  return { mailbox: await chooseMailbox(run, fcc), flags }
}
