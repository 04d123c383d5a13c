/** Octets become a file of the reader's. */
export function saveFile(content: Blob | Uint8Array<ArrayBuffer>, name: string): void {
  // as a file and nothing else, whatever it calls itself
  const url = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }))
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
