/** In order, at most `limit` at a time. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  act: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  if (items.length === 1 && items[0] !== undefined) return [await act(items[0])]
  const results: Result[] = []
  const work = items.entries()
  const worker = async () => {
    for (const [index, item] of work) results[index] = await act(item)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}
