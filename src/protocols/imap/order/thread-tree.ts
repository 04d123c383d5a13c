/** Threads as a forest, and as THREAD says them. RFC 5256 §4 */

/** Nodes are numbers. */
export type ThreadTree = {
  readonly roots: readonly number[]
  /** By node: position of the message among those threaded; -1 for a dummy, which only a root can be */
  readonly messages: readonly number[]
  /** By node; undefined for none */
  readonly children: readonly (readonly number[] | undefined)[]
}

/** A base subject as it is compared, or its number; the empty one is falsy. */
export type Subject = string | number

/** What is known of each message, by its position. Positions are in the order of the mailbox. */
export type Threaded = {
  /** Sent date, milliseconds */
  readonly dates: ArrayLike<number>
  readonly subjects: ArrayLike<Subject>
  readonly isReply: ArrayLike<boolean | number>
}

const closing = -1
const pieceLength = 8192

/** `(2)(3 6 (4 23)(44 7 96))` in pieces. Threads may be as deep as they like: nothing here calls itself. */
export function* printThreads(tree: ThreadTree, numberOf: (message: number) => number): Generator<string> {
  let text = ''
  const stack: number[] = []
  for (const root of tree.roots) {
    stack.push(root)
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node === closing) {
        text += ')'
        continue
      }
      stack.push(closing)
      let gap = '('
      for (let next: number | undefined = node; next !== undefined; ) {
        const message = tree.messages[next] ?? -1
        if (message >= 0) text += gap + numberOf(message)
        else text += gap
        gap = message >= 0 ? ' ' : ''
        const children: readonly number[] = tree.children[next] ?? []
        next = children.length === 1 ? children[0] : undefined
        if (children.length > 1) {
          text += gap
          for (let at = children.length - 1; at >= 0; at--) stack.push(children[at] ?? 0)
        }
        if (text.length < pieceLength) continue
        yield text
        text = ''
      }
    }
  }
  yield text
}
