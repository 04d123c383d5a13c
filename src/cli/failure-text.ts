/** Why a command could not run, for people: the failures of the system that everyone meets have words of their own. */
import type { Text } from '#base/text.ts'
import { DataFolderRefusal } from '#store/data-folder.ts'
import { CouldNotRun } from './terminal.ts'

export function failureText(error: unknown): Text {
  if (error instanceof CouldNotRun) return error.text
  return portText(error) ?? sameInBoth(error instanceof DataFolderRefusal ? error.message : String(error))
}

function portText(error: unknown): Text | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, address, port } = error as { code?: unknown; address?: unknown; port?: unknown }
  if (typeof port !== 'number' || typeof address !== 'string') return undefined
  if (code === 'EADDRINUSE')
    return {
      en: `NET-BIND: port ${port} at ${address} is taken by another program (perhaps a Hikyaku that runs already): end it, or choose other ports`,
      ja: `NET-BIND: ${address} のポート ${port} は他のプログラムが使っています(すでに動いている飛脚かもしれません)。それを止めるか、別のポートにしてください`,
    }
  if (code === 'EACCES')
    return {
      en: `NET-BIND: port ${port} at ${address} is not open to this user: ports below 1024 need a privilege (CAP_NET_BIND_SERVICE), or choose other ports`,
      ja: `NET-BIND: ${address} のポート ${port} をこのユーザーは使えません。1024より小さいポートには権限(CAP_NET_BIND_SERVICE)が必要です。別のポートでもかまいません`,
    }
  return undefined
}

const sameInBoth = (text: string): Text => ({ en: text, ja: text })
