/** RFC 9404 §4.3: which emails a blob is part of, and the threads and mailboxes they are in. */
import type { Account } from '#mail/account.ts'
import { deletedFlag } from '#mail/account.ts'
import { printEmailId, printMailboxId, printThreadId } from '#mail/object-ids.ts'
import { blobTypeNames } from '../../blob/facts.ts'
import { readBlobId } from '../../blob/id.ts'
import { openBlob } from '../../blob/open-blob.ts'
import { askedIds } from '../../get.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { checkArguments, id, idOrCreated, list, text } from '../../syntax/arguments.ts'
import { blobCapability, type Id } from '../../wire.ts'

const shape = { accountId: id, typeNames: list(text), ids: list(idOrCreated) }

type TypeName = (typeof blobTypeNames)[number]
type Places = Readonly<Record<TypeName, readonly Id[]>>

const nowhere: Places = { Mailbox: [], Thread: [], Email: [] }

export const blobLookup: Method = {
  capability: blobCapability,
  async run(given, context) {
    const asked = checkArguments(given, shape)
    const names = [...new Set(asked.typeNames)].map(name => {
      const found = blobTypeNames.find(one => one === name)
      if (!found) throw new MethodFault('unknownDataType', `Blobs are not looked up in “${name.slice(0, 100)}”`)
      return found
    })
    const account = await accountOf(asked.accountId, context)
    const found: object[] = []
    const notFound: string[] = []
    for (const blobId of askedIds(asked.ids, context) ?? []) {
      context.signal.throwIfAborted()
      if (!(await openBlob(context, account.id, blobId))) {
        notFound.push(blobId)
        continue
      }
      const places = await placesOf(account, blobId)
      found.push({ id: blobId, matchedIds: Object.fromEntries(names.map(name => [name, places[name]])) })
    }
    return { accountId: asked.accountId, list: found, notFound }
  },
}

async function placesOf(account: Account, blobId: string): Promise<Places> {
  const root = readBlobId(blobId)?.root
  if (root?.kind !== 'letter') return nowhere
  return await account.read(reader => {
    const row = reader.email(root.email)
    const shown = reader.placements(root.email).filter(({ flags }) => !(flags & deletedFlag))
    if (!row || shown.length === 0) return nowhere
    return {
      Mailbox: [...new Set(shown.map(({ mailbox }) => printMailboxId(mailbox)))],
      Thread: [printThreadId(row.threadId)],
      Email: [printEmailId(root.email)],
    }
  })
}
