/** Account ids of the workload: as the store wants them. */
export const workloadAccounts = Array.from({ length: 8 }, (_, number) => `aaaaaaaaaaaaaa${'abcdefgh'[number]}2`)

/** Letter n is always the same. Every seventh is over 128 KiB, so that it becomes a file. */
export function letterText(number: number): string {
  const head = `Message-ID: <w${number}@internet.test>\r\nSubject: letter ${number}\r\n\r\n`
  const lines = number % 7 === 3 ? 3_000 : 20
  return head + `${number} ${'a line of the letter, as it was written '.repeat(2)}\r\n`.repeat(lines)
}

export const isFlagged = (number: number): boolean => number % 3 === 0
/** Small ones and files: 24 is both a seventh and a fifth. */
export const isExpunged = (number: number): boolean => number % 5 === 4
