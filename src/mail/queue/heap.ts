/**
 * A binary min-heap: each item with the number that says when its turn comes. Numbers lie in an array of their own, so that an item
 * costs 16 octets here. Nothing is removed from the middle: users skip what is stale.
 */
export class Heap<Item> {
  readonly #items: Item[] = []
  readonly #keys: number[] = []

  get size(): number {
    return this.#items.length
  }

  get first(): Item | undefined {
    return this.#items[0]
  }

  get firstKey(): number | undefined {
    return this.#keys[0]
  }

  /** In no particular order. */
  *entries(): Iterable<readonly [Item, number]> {
    for (const [index, item] of this.#items.entries()) yield [item, this.#keys[index] as number]
  }

  push(item: Item, key: number): void {
    const items = this.#items
    const keys = this.#keys
    let index = items.length
    items.push(item)
    keys.push(key)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (key >= (keys[parent] as number)) break
      items[index] = items[parent] as Item
      keys[index] = keys[parent] as number
      index = parent
    }
    items[index] = item
    keys[index] = key
  }

  pop(): Item | undefined {
    const first = this.#items[0]
    const last = this.#items.pop()
    const key = this.#keys.pop()
    if (this.#items.length > 0 && last !== undefined && key !== undefined) this.#sink(last, key)
    return first
  }

  #sink(item: Item, key: number): void {
    const items = this.#items
    const keys = this.#keys
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= items.length) break
      if (child + 1 < items.length && (keys[child + 1] as number) < (keys[child] as number)) child++
      if ((keys[child] as number) >= key) break
      items[index] = items[child] as Item
      keys[index] = keys[child] as number
      index = child
    }
    items[index] = item
    keys[index] = key
  }
}
