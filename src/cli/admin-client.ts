/** Speaks to the running server over its socket; when none runs, opens the data folder itself. */
import { request } from 'node:http'
import { join } from 'node:path'
import type { Config } from '#config/schema.ts'
import type { Answer } from '#roles/admin-operations.ts'
import { CouldNotRun } from './terminal.ts'

export type AdminClient = AsyncDisposable & {
  readonly running: boolean
  call(operation: string, input?: object): Promise<Answer>
}

const answerMs = 60_000
const maxAnswerBytes = 64 * 1024 * 1024

export function adminSocketPath(config: Config): string {
  return join(config.data, 'admin.sock')
}

export async function connectAdmin(config: Config): Promise<AdminClient> {
  const path = adminSocketPath(config)
  if (await answers(path))
    return {
      running: true,
      call: (operation, input) => post(path, operation, input ?? {}),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  // asked of a running server, nothing of this is needed
  const [{ openOffline }, { runOperation }] = await Promise.all([
    import('#roles/admin-offline.ts'),
    import('#roles/admin-operations.ts'),
  ])
  const services = await openOffline(config).catch((error: unknown) => {
    throw cannotOpen(error)
  })
  return {
    running: false,
    call: (operation, input) => runOperation(services, operation, input ?? {}),
    [Symbol.asyncDispose]: () => services[Symbol.asyncDispose](),
  }
}

function cannotOpen(error: unknown): CouldNotRun {
  const reason = error instanceof Error ? error.message : String(error)
  const inUse = error instanceof Error && 'code' in error && error.code === 'in-use'
  if (!inUse)
    return new CouldNotRun({
      en: `the data folder cannot be opened: ${reason}`,
      ja: `データフォルダを開けません: ${reason}`,
    })
  return new CouldNotRun({
    en: `a program holds the data folder but its admin socket does not answer: ${reason}`,
    ja: `データフォルダは使用中ですが、管理用ソケットが応答しません: ${reason}`,
  })
}

async function answers(path: string): Promise<boolean> {
  try {
    await post(path, 'nothing', {})
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EINVAL') return false
    const reason = error instanceof Error ? error.message : String(error)
    throw new CouldNotRun({
      en: `the admin socket ${path} cannot be used: ${reason}`,
      ja: `管理用ソケット ${path} を使えません: ${reason}`,
    })
  }
}

function post(socketPath: string, operation: string, input: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, method: 'POST', path: `/operations/${operation}`, headers: { 'content-type': 'application/json' } },
      response => {
        const chunks: Buffer[] = []
        let length = 0
        response.on('error', reject)
        response.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > maxAnswerBytes) asked.destroy(new Error('The answer is too long'))
          else chunks.push(chunk)
        })
        response.on('end', () => {
          try {
            resolve(answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')))
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)))
          }
        })
      },
    )
    asked.setTimeout(answerMs, () => asked.destroy(new Error('The server does not answer')))
    asked.on('error', reject)
    asked.end(JSON.stringify(input))
  })
}

function answerOf(status: number, text: string): Answer {
  const body = JSON.parse(text) as Answer & { error?: string; message?: string }
  if (status !== 200) throw new Error(body.error ?? body.message ?? `status ${status}`)
  return body
}
