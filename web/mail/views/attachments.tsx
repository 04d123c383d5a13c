import type { Letter, LetterPart } from '../model/conversation.ts'
import { sizeText } from '../model/dates.ts'
import { language, t } from '../texts/texts.ts'
import { Icon } from '../../ui/icon.tsx'
import { useMail } from './mail-context.ts'
import { localeFor } from './message-row.tsx'

export function Attachments({ letter }: { readonly letter: Letter }) {
  const files = letter.attachments.filter(part => part.blobId !== null)
  if (files.length === 0) return null
  const size = files.reduce((sum, part) => sum + part.size, 0)
  return (
    <section class="attachments">
      <h3>
        <Icon name="attachment" size={16} />
        {t().reading.attachments(files.length)}
        <span>{sizeText(size, localeFor(language.value))}</span>
      </h3>
      <ul>
        {files.map(part => (
          <Attachment key={part.blobId} part={part} />
        ))}
      </ul>
    </section>
  )
}

function Attachment({ part }: { readonly part: LetterPart }) {
  const { client } = useMail()
  const name = nameOf(part)
  return (
    <li>
      <a
        class="attachment"
        href={client.downloadUrl(part.blobId ?? '', name, part.type)}
        download={name}
        title={`${t().reading.download}: ${name}`}
      >
        <span class="attachment-kind" data-kind={kindOf(part)}>
          {kindOf(part)}
        </span>
        <span class="attachment-name">{name}</span>
        <span class="attachment-size">{sizeText(part.size, localeFor(language.value))}</span>
        <Icon name="download" size={16} />
      </a>
    </li>
  )
}

function nameOf({ name, type }: LetterPart): string {
  if (name !== null && name.trim() !== '') return name.trim()
  return type === 'message/rfc822' ? `${t().reading.letter}.eml` : t().reading.unnamed
}

/** A word of up to four signs on the file's tile */
function kindOf({ name, type }: LetterPart): string {
  const [, extension] = /\.([a-z0-9]{1,4})$/i.exec(name ?? '') ?? []
  if (extension !== undefined) return extension.toUpperCase()
  const [major = '', minor = ''] = type.split('/')
  return (major === 'text' || major === 'image' || major === 'audio' || major === 'video' ? major : minor)
    .replace(/^(?:x-|vnd\.)/, '')
    .slice(0, 4)
    .toUpperCase()
}
