/** Parts of blobs. */
export type Range = { readonly start: number; readonly end: number }

/** `beyond`: it was to begin or to end behind the blob's end, and is cut there. */
export function rangeIn(
  sizeBytes: number,
  offset: number | undefined,
  length: number | undefined,
): Range & { readonly beyond: boolean } {
  const wantedStart = offset ?? 0
  const wantedEnd = length === undefined ? Math.max(sizeBytes, wantedStart) : wantedStart + length
  return {
    start: Math.min(wantedStart, sizeBytes),
    end: Math.min(wantedEnd, sizeBytes),
    beyond: wantedStart > sizeBytes || wantedEnd > sizeBytes,
  }
}

export async function* octetsIn(chunks: AsyncIterable<Uint8Array>, { start, end }: Range): AsyncGenerator<Uint8Array> {
  if (start >= end) return
  let at = 0
  for await (const chunk of chunks) {
    const from = Math.max(0, start - at)
    const to = Math.min(chunk.length, end - at)
    if (from < to) yield chunk.subarray(from, to)
    at += chunk.length
    if (at >= end) return
  }
}
