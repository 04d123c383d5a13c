/** A tree without its places and offsets: what two texts of the same meaning have in common. */
export function withoutPlaces(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutPlaces)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) =>
      key === 'at' || key === 'from' || key === 'to' ? [] : [[key, withoutPlaces(value)]],
    ),
  )
}
