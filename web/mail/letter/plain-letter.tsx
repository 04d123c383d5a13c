/** A plain text letter. Nothing of it is ever read as HTML. */
import { spansOf } from './links-in-text.ts'
import { type TextBlock, textBlocks } from './plain-text.ts'
import { useMemo } from 'preact/hooks'
import { splitUuencoded, type UuencodedFile } from '#formats/message/uuencode.ts'
import type { LetterTexts } from './letter-texts.ts'
import { saveFile } from './save-file.ts'

export type PlainLetterProps = {
  readonly text: string
  readonly texts: LetterTexts
  readonly onMailto?: ((href: string) => boolean) | undefined
}

/** More than this is cut: nobody reads it, and the browser would stand still. */
const maxText = 1_000_000

export function PlainLetter({ text, texts, onMailto }: PlainLetterProps) {
  const { text: own, files } = useMemo(() => splitUuencoded(text), [text])
  const blocks = textBlocks(own.slice(0, maxText))
  return (
    <div class="letter-text" dir="auto">
      <Blocks blocks={blocks} texts={texts} onMailto={onMailto} />
      {files.length > 0 && <FilesInText files={files} texts={texts} />}
    </div>
  )
}

/** What old programs put between the lines (uuencode). */
function FilesInText({ files, texts }: { readonly files: readonly UuencodedFile[]; readonly texts: LetterTexts }) {
  return (
    <ul class="letter-files" aria-label={texts.filesInText}>
      {files.map(({ name, octets }) => (
        <li key={name}>
          <button type="button" onClick={() => saveFile(octets, fileName(name))}>
            {texts.saveFile(fileName(name), octets.length)}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** A stranger's name: no folders, nothing that turns it round. */
function fileName(name: string): string {
  return name.replace(/^.*[/\\]/, '').replace(/[\p{Cc}\p{Cf}]/gu, '') || 'file'
}

type BlocksProps = Omit<PlainLetterProps, 'text'> & { readonly blocks: readonly TextBlock[] }

function Blocks({ blocks, ...rest }: BlocksProps) {
  return <>{blocks.map(block => blockOf(block, rest))}</>
}

function blockOf(block: TextBlock, rest: Omit<BlocksProps, 'blocks'>) {
  switch (block.kind) {
    case 'lines':
      return <div class="letter-lines">{linesOf(block.lines, rest)}</div>
    case 'signature':
      return <div class="letter-lines letter-signature">{linesOf(block.lines, rest)}</div>
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.blocks} {...rest} />
        </blockquote>
      )
    case 'history':
      return (
        <details class="letter-history">
          <summary>{rest.texts.olderLetter}</summary>
          <Blocks blocks={block.blocks} {...rest} />
        </details>
      )
    default:
      return block satisfies never
  }
}

function linesOf(lines: readonly string[], { texts, onMailto }: Omit<BlocksProps, 'blocks'>) {
  // lines without a link are one node: letters have thousands
  const parts = spansOf(lines.join('\n')).map(({ text, link }) => {
    if (!link) return text
    const follow = (event: Event) => {
      if (link.kind === 'mail' && onMailto?.(link.href) === true) event.preventDefault()
    }
    return (
      <a href={link.href} target="_blank" rel="noopener noreferrer nofollow" onClick={follow}>
        {text}
        {link.trueHost !== undefined && <span class="letter-host">{texts.trueHost(link.trueHost)}</span>}
      </a>
    )
  })
  return parts
}
