/** What the webmail itself says in and beside a letter. */

export type LetterTexts = {
  readonly letter: string
  readonly hidden: (images: number, trackers: number) => string
  readonly showOnce: string
  readonly showAlways: string
  readonly trueHost: (host: string) => string
  readonly olderLetter: string
  /** Files that stand in the text itself */
  readonly filesInText: string
  readonly saveFile: (name: string, octets: number) => string
  readonly empty: string
}

export const letterTexts: Readonly<Record<'en' | 'ja', LetterTexts>> = {
  en: {
    letter: 'The letter',
    hidden: (images, trackers) =>
      trackers === images
        ? `${plural(trackers, 'hidden image')} would have told the sender that you read this. Not loaded.`
        : `${plural(images - trackers, 'image')} from the internet not shown${
            trackers > 0 ? `, and ${plural(trackers, 'hidden one')} that would tell the sender that you read this` : ''
          }.`,
    showOnce: 'Show images',
    showAlways: 'Always from this sender',
    trueHost: host => `leads to ${host}`,
    olderLetter: 'Earlier messages',
    filesInText: 'Files in the text',
    saveFile: (name, octets) => `Save ${name} (${kilobytes(octets)} KB)`,
    empty: 'This letter has no text.',
  },
  ja: {
    letter: 'メールの本文',
    hidden: (images, trackers) =>
      trackers === images
        ? `読んだことを送信者に知らせる画像${trackers}個を読み込みませんでした。`
        : `インターネット上の画像${images - trackers}個を表示していません${
            trackers > 0 ? `（ほかに、読んだことを送信者に知らせる画像が${trackers}個あります）` : ''
          }。`,
    showOnce: '画像を表示',
    showAlways: 'この送信者は常に表示',
    trueHost: host => `リンク先：${host}`,
    olderLetter: '以前のメール',
    filesInText: '本文に含まれるファイル',
    saveFile: (name, octets) => `${name} を保存(${kilobytes(octets)} KB)`,
    empty: 'このメールには本文がありません。',
  },
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function kilobytes(octets: number): string {
  return Math.max(0.1, octets / 1000).toFixed(octets < 10_000 ? 1 : 0)
}
