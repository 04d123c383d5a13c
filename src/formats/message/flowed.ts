/**
 * text/plain; format=flowed made whole: soft line breaks undone, stuffed spaces removed. RFC 3676. With DelSp the space before a soft
 * break goes too: text without blanks between its words (Japanese) is sent so. Pure, for browsers too.
 */

type Line = { readonly depth: number; readonly text: string }

/** Line ends become `\n`; quoted lines begin with as many `>` as before, and a space. */
export function unflow(text: string, delSp: boolean): string {
  const out: string[] = []
  let open: Line | undefined
  const lines = text.split(/\r\n|\r|\n/)
  const isEnded = lines.at(-1) === ''
  if (isEnded) lines.pop()
  for (const each of lines) {
    const line = readLine(each)
    // a signature is no paragraph's beginning, nor its end (§4.3); another depth ends a paragraph (§4.5)
    if (open && (open.depth !== line.depth || line.text === '-- ')) open = end(open, out)
    const whole: Line = open ? { depth: line.depth, text: open.text + line.text } : line
    if (!line.text.endsWith(' ') || line.text === '-- ') open = end(whole, out)
    else open = { depth: whole.depth, text: delSp ? whole.text.slice(0, -1) : whole.text }
  }
  if (open) end(open, out)
  return out.join('\n') + (isEnded ? '\n' : '')
}

function end({ depth, text }: Line, out: string[]): undefined {
  out.push(depth > 0 ? `${'>'.repeat(depth)} ${text}` : text)
}

/** §4.1, §4.4: quote marks first, then one stuffed space */
function readLine(line: string): Line {
  const depth = /^>*/.exec(line)?.[0].length ?? 0
  const rest = line.slice(depth)
  return { depth, text: rest.startsWith(' ') ? rest.slice(1) : rest }
}
