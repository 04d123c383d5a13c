import { crc32 } from 'node:zlib'

/** Which of so many threads an account belongs to. The same as long as the process runs. */
export function threadIndexOf(account: string, threads: number): number {
  return crc32(account) % threads
}
