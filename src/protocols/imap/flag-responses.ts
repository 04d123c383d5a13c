/** FETCH responses that tell flags. RFC 9051 §7.5.2 */
import { countedLines, type CountedLines } from './counted-lines.ts'
import { Lines } from './lines.ts'
import type { Output } from './peer.ts'
import type { SelectedMailbox } from './selected-mailbox.ts'

export type FlagNaming = {
  readonly withUid: boolean
  readonly condstore: boolean
  readonly uidOnly?: boolean
  /** The flags are as the client expects: only the modseq is told */
  readonly silent?: boolean | undefined
}

/** From so many on neighbours that are alike are written together. */
const runFrom = 8

/** Of all from `start` to `end - 1`. */
export async function writeFlags(
  selected: SelectedMailbox,
  start: number,
  end: number,
  naming: FlagNaming,
  output: Output,
): Promise<void> {
  const { view } = selected
  const lines = new Lines(output)
  for (let index = start; index < end; ) {
    const next = view.runEnd(index, end)
    const run = linesFrom(selected, index, naming)
    if (next - index < runFrom)
      for (let row = 0; row < next - index; row += 1) {
        if (lines.isFull) await lines.room()
        lines.add(oneLine(run, row))
      }
    else {
      lines.end()
      for (const piece of countedLines(run, next - index)) {
        if (output.isFull) await output.room()
        output.write(piece)
      }
    }
    index = next
  }
  lines.end()
}

/** Of one message. */
export function flagsFetch(selected: SelectedMailbox, index: number, naming: FlagNaming): string {
  return oneLine(linesFrom(selected, index, naming), 0)
}

/** As the message at `index` has it, and those that go on from it alike. */
function linesFrom(selected: SelectedMailbox, index: number, naming: FlagNaming): CountedLines {
  const { view } = selected
  const { condstore, silent, uidOnly } = naming
  const modSeq = condstore ? `MODSEQ (${view.modSeqOf(index)})${silent ? '' : ' '}` : ''
  const items = `${modSeq}${silent ? '' : `FLAGS (${selected.flagsText(view.flags(index))})`})\r\n`
  const uid = view.uid(index)
  // RFC 9586 §3.3
  if (uidOnly) return { texts: ['* ', ` UIDFETCH (${items}`], first: uid }
  if (!naming.withUid) return { texts: ['* ', ` FETCH (${items}`], first: index + 1 }
  return { texts: ['* ', ' FETCH (UID ', ` ${items}`], first: index + 1, second: uid }
}

function oneLine({ texts: [before, behind, end = ''], first, second }: CountedLines, row: number): string {
  return `${before}${first + row}${behind}${second === undefined ? '' : second + row}${end}`
}
