/** Asks a running server over its administration socket, without a process for each question. */
import { request } from 'node:http'
import { join } from 'node:path'

export function admin(
  folder: string,
  operation: string,
  input: object,
  data = join(folder, 'data'),
): Promise<{ readonly result?: unknown }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        socketPath: join(data, 'admin.sock'),
        method: 'POST',
        path: `/operations/${operation}`,
        headers: { 'content-type': 'application/json' },
      },
      response => {
        let text = ''
        response.on('data', (chunk: Buffer) => void (text += chunk.toString()))
        response.on('error', reject)
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text) as { readonly result?: unknown })
          else reject(new Error(`${operation}: ${response.statusCode} ${text}`))
        })
      },
    )
    asked.on('error', reject)
    asked.end(JSON.stringify(input))
  })
}
