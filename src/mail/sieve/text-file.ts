/** A file of the administrator, or in words why there is none. */
import { readFile, stat } from 'node:fs/promises'
import type { Text } from '#base/text.ts'

/** UTF-8 of at most so many octets, or why not. */
export async function readText(file: string, maxBytes: number): Promise<string | Text> {
  try {
    const { size } = await stat(file)
    if (size > maxBytes)
      return {
        en: `the file has ${size} octets; ${maxBytes} are allowed`,
        ja: `ファイルは ${size} バイトあり、上限の ${maxBytes} バイトを超えています`,
      }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    return error instanceof TypeError
      ? { en: 'the file is not UTF-8 text', ja: 'UTF-8 のテキストではありません' }
      : unreadable(error)
  }
}

export function unreadable(error: unknown): Text {
  const reason = error instanceof Error ? error.message : String(error)
  return { en: `cannot be read: ${reason}`, ja: `読めません: ${reason}` }
}
