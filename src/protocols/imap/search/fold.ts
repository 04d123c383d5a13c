/** Text as SEARCH compares it: compatibility forms and widths made one (half-width kana, full-width Latin), case gone. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFC')
}
