/** format=flowed: lines that a program broke become whole again. RFC 3676 §4. Pure. */

/** `delSp`: the space before the break belongs to the break (§4.1), as in text without spaces between words. */
export function unflow(text: string, { delSp = false }: { readonly delSp?: boolean } = {}): string {
  const whole: string[] = []
  let open: { depth: number; text: string } | undefined
  for (const line of text.replaceAll(/\r\n?/g, '\n').split('\n')) {
    const depth = /^>*/.exec(line)?.[0].length ?? 0
    // §4.4: one stuffed space goes
    const content = line.slice(depth).replace(/^ /, '')
    const isFlowed = content.endsWith(' ') && content !== '-- '
    if (open && (open.depth !== depth || content === '-- ')) {
      whole.push(printed(open))
      open = undefined
    }
    const joined: { depth: number; text: string } = {
      depth,
      text: (open?.text ?? '') + (isFlowed && delSp ? content.slice(0, -1) : content),
    }
    open = isFlowed ? joined : undefined
    if (!isFlowed) whole.push(printed(joined))
  }
  if (open) whole.push(printed(open))
  return whole.join('\n')
}

function printed({ depth, text }: { readonly depth: number; readonly text: string }): string {
  return depth > 0 ? `${'>'.repeat(depth)} ${text}` : text
}
