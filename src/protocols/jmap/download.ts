/** RFC 8620 §6.2: a blob as a file. Whatever a stranger put into it, a browser neither runs nor shows it as ours. */
import { readAccountId } from '#mail/object-ids.ts'
import { sendOctets, sendProblem } from './answer.ts'
import { openBlob } from './blob/open-blob.ts'
import { mediaType } from './media-type.ts'
import { paths } from './session-object.ts'
import type { Asked } from './site.ts'
import { plainProblem } from './syntax/problem.ts'

export async function serveDownload({ visit, login, letters, options }: Asked): Promise<void> {
  const { response } = visit
  const [accountId = '', blobId = '', name = '', ...rest] = visit.path.slice(paths.download.length).split('/')
  if (rest.length > 0 || readAccountId(accountId) !== login.account) return sendProblem(response, notFound)
  const fileName = decoded(name)
  const type = visit.query.get('type') ?? ''
  const known = type === '' ? 'application/octet-stream' : mediaType(type)
  if (fileName === undefined || known === undefined)
    return sendProblem(response, plainProblem(400, 'Bad Request', 'The name or the type is not one'))
  const blob = await openBlob({ ...options, letters }, login.account, blobId)
  if (!blob) return sendProblem(response, notFound)
  await sendOctets(response, blob.open(), {
    'content-type': known,
    'content-length': blob.sizeBytes,
    'content-disposition': `attachment; filename*=UTF-8''${encoded(fileName)}`,
    // a blob id never names other octets
    'cache-control': 'private, immutable, max-age=31536000',
    'content-security-policy': "default-src 'none'; sandbox",
  })
}

const notFound = plainProblem(404, 'Not Found', 'There is no such blob in this account')

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}

/** RFC 8187 §3.2.1 */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
