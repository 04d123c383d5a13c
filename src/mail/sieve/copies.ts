/** `:fcc` of vacation and notify. RFC 8580 */
import type { FileCopy } from '#formats/sieve/program.ts'
import type { MailboxChoice } from '../filing.ts'
import { uniteFlags } from './flags.ts'
import { chooseMailbox } from './mailboxes.ts'
import type { Run } from './run.ts'
import { expandAll } from './values.ts'

export function chooseCopy(run: Run, fcc: FileCopy): { mailbox: MailboxChoice; flags: readonly string[] } {
  const flags = fcc.flags ? uniteFlags(expandAll(run, fcc.flags)) : ['\\Seen']
  return { mailbox: chooseMailbox(run, fcc), flags }
}
