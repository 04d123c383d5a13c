/**
 * SEARCH over the selected mailbox, the cheap before the dear. Each key answers yes, no or unknown from what has been read so
 * far (packed view, then stored row, then the message's bytes); only messages still unknown go on to the next stage. An
 * index, when there is one, is a stage between row and bytes.
 */
import type { EmailRow } from '#mail/account.ts'
import { rowBatch } from '../limits.ts'
import type { Peer } from '../peer.ts'
import type { Selected } from '../session.ts'
import type { SearchRequest } from '../syntax/request.ts'
import { compileKey, evaluate, type CompiledKey } from './key.ts'
import { MessageTexts } from './message-texts.ts'
import { decoderFor } from './charset.ts'

/** Indexes of the view, ascending. */
export type Found = readonly number[]

export function charsetKnown(charset: string): boolean {
  return decoderFor(charset) !== undefined
}

export async function searchMailbox(request: SearchRequest, session: Selected, peer: Peer): Promise<Found> {
  const { selected } = session
  const decode = decoderFor(request.charset ?? 'US-ASCII')
  const key = compileKey(request.key, selected, decode ?? (() => ''))
  const found: number[] = []
  const open: number[] = []
  for (let index = 0; index < selected.view.length; index += 1) {
    const answer = evaluate(key, { view: selected.view, index })
    if (answer === true) found.push(index)
    else if (answer === undefined) open.push(index)
    if ((index & 127) === 127 && peer.output.isFull) await peer.output.room()
  }
  if (open.length === 0) return found
  for (let at = 0; at < open.length; at += rowBatch)
    await searchRows(key, open.slice(at, at + rowBatch), found, session, peer)
  return found.sort((a, b) => a - b)
}

async function searchRows(
  key: CompiledKey,
  indexes: readonly number[],
  found: number[],
  session: Selected,
  peer: Peer,
): Promise<void> {
  const { account, selected } = session
  const { view } = selected
  const rows = await account.emails(indexes.map(index => view.emailId(index)))
  for (const [at, index] of indexes.entries()) {
    const row = rows[at]
    // gone since the view was taken: it is in no answer
    if (!row) continue
    const answer = evaluate(key, { view, index, row }) ?? (await searchBytes(key, index, row, session))
    if (answer) found.push(index)
    if (peer.output.isFull) await peer.output.room()
  }
}

async function searchBytes(
  key: CompiledKey,
  index: number,
  row: EmailRow,
  { account, selected }: Selected,
): Promise<boolean> {
  const source = await account.message(row.id)
  if (!source) return false
  const texts = new MessageTexts(row, source)
  const { view } = selected
  const byHeader = evaluate(key, { view, index, row, header: await texts.header() })
  if (byHeader !== undefined) return byHeader
  return evaluate(key, { view, index, row, header: await texts.header(), body: await texts.body() }) ?? false
}
