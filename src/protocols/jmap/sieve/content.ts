/** What a script is to hold: the octets of a blob, checked. RFC 9661 §2.2 */
import { concatBytes } from '#base/bytes.ts'
import { say } from '#base/text.ts'
import type { AccountId } from '#mail/ids.ts'
import { isScriptRefusal, type ScriptRefusal } from '#mail/scripts.ts'
import { openBlob } from '../blob/open-blob.ts'
import { type MethodContext, resolvedId } from '../method.ts'
import type { Id, SetError } from '../wire.ts'

export type Content = { readonly bytes: Uint8Array } | { readonly error: SetError }

/** `blobId`: also `#` and a creation id of this request */
export async function scriptContent(blobId: Id, account: AccountId, context: MethodContext): Promise<Content> {
  const { scripts, sieve, directory } = context.sending
  const blob = await openBlob(context, account, resolvedId(blobId, context) ?? '')
  if (!blob) return { error: { type: 'blobNotFound', notFound: [blobId] } }
  if (blob.sizeBytes > sieve.maxScriptBytes) return { error: { type: 'tooLarge', maxSize: sieve.maxScriptBytes } }
  const chunks: Uint8Array[] = []
  for await (const chunk of blob.open()) chunks.push(chunk)
  const bytes = concatBytes(chunks)
  const checked = scripts.check(bytes)
  if (!isScriptRefusal(checked)) return { bytes }
  const language = (await directory.userOf(account))?.language ?? 'en'
  return { error: errorOf(checked, language) }
}

const shownProblems = 5

export function errorOf(refusal: ScriptRefusal, language: 'en' | 'ja'): SetError {
  switch (refusal.refused) {
    case 'invalid': {
      const lines = refusal.problems.slice(0, shownProblems)
      const told = lines.map(({ line, column, text }) => `${line}:${column}: ${say(text, language)}`)
      return { type: 'invalidSieve', description: told.join('\n') }
    }
    case 'script-too-large':
      return { type: 'tooLarge', maxSize: refusal.limitBytes }
    case 'scripts-too-large':
    case 'too-many-scripts':
      return { type: 'overQuota', description: 'There is no room for it' }
    case 'active':
      return { type: 'sieveIsActive', description: 'It is active: deactivate it first' }
    case 'no-such-script':
      return { type: 'notFound' }
    case 'exists':
      return { type: 'alreadyExists' }
    case 'bad-name':
      return { type: 'invalidProperties', properties: ['name'], description: 'No script can be called so' }
    default:
      return refusal satisfies never
  }
}
