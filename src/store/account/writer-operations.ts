/** What a writer thread can be asked inside a transaction: data in, data out, synchronous. */
import type { AccountWriter } from './account-writer.ts'
import { append } from './append.ts'
import { changeFlags } from './change-flags.ts'
import { copy, expunge, move } from './copy.ts'
import { applyConfirmations, deliver } from './deliver.ts'
import { finishImapEvent, noteEvent, notingFlags } from './imap-events.ts'
import { setMark, setObjects } from './jmap-objects.ts'
import { setMetadata } from './metadata.ts'
import { activateScript, deleteScript, putScript, renameScript } from './scripts.ts'
import { setContacts } from './set-contacts.ts'
import { setScripts } from './set-scripts.ts'
import { createMailbox, deleteMailbox, renameMailbox, subscribe } from './mailboxes.ts'
import type { CopiedRows, MessagesInput, Refusal, WriterOperations } from './operations.ts'
import { setEmails } from './set-emails.ts'
import { setMailboxes } from './set-mailboxes.ts'
import { keepPreview } from './tables/email.ts'
import { deleteOutboxItem } from './tables/outbox.ts'
import { tidy } from './tidy.ts'
import { uidsIn } from './uid-ranges.ts'

type Run = {
  [Name in Exclude<keyof WriterOperations, 'create' | 'close' | 'settle' | 'ready'>]: (
    account: AccountWriter,
    input: WriterOperations[Name]['input'],
  ) => WriterOperations[Name]['output']
}

export const writerOperations: Run = {
  open: account => ({ epoch: account.counters.epoch }),
  deliver,
  confirm(account, input) {
    applyConfirmations(account, input.confirms)
    return {}
  },
  append(account, input) {
    const output = append(account, input)
    if ('placed' in output) {
      const { actor, mailbox } = input
      noteEvent(account, { cause: 'APPEND', mailbox, uids: output.placed.map(({ uid }) => uid), actor })
    }
    return output
  },
  keepPreviews(account, input) {
    for (const { email, preview } of input.previews) keepPreview(account.database, email, preview)
    return {}
  },
  copy: (account, input) => notingCopies(account, input, copy(account, input)),
  move: (account, input) => notingCopies(account, input, move(account, input)),
  changeFlags: (account, input) => notingFlags(account, input, () => changeFlags(account, input)),
  finishImapEvent,
  expunge,
  createMailbox,
  renameMailbox,
  deleteMailbox,
  subscribe,
  setMetadata,
  setEmails,
  setMailboxes,
  setObjects,
  setContacts,
  setMark,
  outboxDone(account, input) {
    for (const id of input.ids) {
      const file = deleteOutboxItem(account.database, id)
      if (file !== undefined) account.unneededFiles.push(file)
    }
    return {}
  },
  putScript,
  renameScript,
  deleteScript,
  activateScript,
  setScripts,
  tidy,
}

/** RFC 6851 §4.3 (as COPY for MOVE), RFC 6785 §4.2.1 */
function notingCopies(
  account: AccountWriter,
  { actor, to: mailbox }: MessagesInput,
  output: CopiedRows | Refusal,
): CopiedRows | Refusal {
  if ('to' in output) noteEvent(account, { cause: 'COPY', mailbox, uids: [...uidsIn(output.to)], actor })
  return output
}
