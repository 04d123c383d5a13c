/** A binary min-heap; `before` says which of two comes first. Nothing is removed from the middle: users skip what is stale. */
export class Heap<Item> {
  readonly #items: Item[] = []
  readonly #before: (a: Item, b: Item) => boolean

  constructor(before: (a: Item, b: Item) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  get first(): Item | undefined {
    return this.#items[0]
  }

  /** In no particular order. */
  [Symbol.iterator](): Iterator<Item> {
    return this.#items[Symbol.iterator]()
  }

  push(item: Item): void {
    const items = this.#items
    let index = items.length
    items.push(item)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#before(item, items[parent] as Item)) break
      items[index] = items[parent] as Item
      index = parent
    }
    items[index] = item
  }

  pop(): Item | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (items.length > 0 && last !== undefined) this.#sink(last)
    return first
  }

  clear(): void {
    this.#items.length = 0
  }

  #sink(item: Item): void {
    const items = this.#items
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#before(items[child + 1] as Item, items[child] as Item)) child++
      if (!this.#before(items[child] as Item, item)) break
      items[index] = items[child] as Item
      index = child
    }
    items[index] = item
  }
}
