import { type Signal, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Letter, LetterPart } from '../model/conversation.ts'
import { sizeText } from '../model/dates.ts'
import type { Mail } from '../model/mail.ts'
import { isSeen, plainSigns } from '../model/plain-signs.ts'
import { previewKind } from '../model/preview/kind.ts'
import { language, t } from '../texts/texts.ts'
import { Icon } from '../../ui/icon.tsx'
import { showDialog } from './dialog-request.ts'
import { useMail } from './mail-context.ts'
import { localeFor } from './message-row.tsx'
import { saveKept } from './open-blob.ts'

export function Attachments({ letter }: { readonly letter: Letter }) {
  const files = letter.attachments.filter(part => part.blobId !== null)
  if (files.length === 0) return null
  const seen = files.filter(part => previewKind(part) !== undefined)
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
          <Attachment key={part.blobId} part={part} onOpen={openerOf(part, seen)} />
        ))}
      </ul>
    </section>
  )
}

/** Undefined: there is no way to look at it here. */
function openerOf(part: LetterPart, seen: readonly LetterPart[]): (() => void) | undefined {
  const at = seen.indexOf(part)
  return at < 0 ? undefined : () => showDialog({ kind: 'preview', parts: seen, at })
}

/** Without a network what is kept in this browser is handed out. */
function saveInstead(event: Event, part: LetterPart, mail: Mail): void {
  if (mail.isLinked.peek()) return
  event.preventDefault()
  void saveKept(mail, part.blobId ?? '', fileNameOf(part)).then(isKept => isKept || mail.notices.say(t().away.notKept))
}

type FileProps = { readonly part: LetterPart; readonly onOpen: (() => void) | undefined }

function Attachment({ part, onOpen }: FileProps) {
  const mail = useMail()
  const { client } = mail
  const name = fileNameOf(part)
  const url = client.downloadUrl(part.blobId ?? '', name, part.type)
  const onSave = (event: Event) => saveInstead(event, part, mail)
  const facts = <Facts part={part} name={name} />
  if (!onOpen)
    return (
      <li>
        <a class="attachment" href={url} download={name} onClick={onSave} title={`${t().reading.download}: ${name}`}>
          {facts}
          <Icon name="download" size={16} />
        </a>
      </li>
    )
  return (
    <li class="attachment-pair">
      <button type="button" class="attachment" title={t().preview.open(name)} onClick={onOpen}>
        {facts}
      </button>
      <a
        class="icon-button"
        href={url}
        download={name}
        onClick={onSave}
        title={t().reading.download}
        aria-label={`${t().reading.download}: ${name}`}
      >
        <Icon name="download" size={16} />
      </a>
    </li>
  )
}

function Facts({ part, name }: { readonly part: LetterPart; readonly name: string }) {
  const Small = thumbnail.value
  const isPicture = previewKind(part) === 'image' && part.size <= maxThumbnailBytes
  useEffect(() => {
    if (isPicture) loadThumbnail()
  }, [isPicture])
  return (
    <>
      <span class="attachment-kind" data-kind={kindOf(part)}>
        {kindOf(part)}
        {isPicture && Small && part.blobId !== null && <Small blobId={part.blobId} />}
      </span>
      <span class="attachment-name">{name}</span>
      <span class="attachment-size">{sizeText(part.size, localeFor(language.value))}</span>
    </>
  )
}

/** All of it is fetched for a few pixels. */
const maxThumbnailBytes = 5 * 1024 * 1024

/** Undefined until it is here */
const thumbnail: Signal<ComponentType<{ readonly blobId: string }> | undefined> = signal(undefined)

function loadThumbnail(): void {
  if (thumbnail.peek()) return
  import('../preview/thumbnail.tsx').then(
    ({ Thumbnail }) => (thumbnail.value = Thumbnail),
    () => undefined,
  )
}

export function fileNameOf({ name, type }: Pick<LetterPart, 'name' | 'type'>): string {
  if (name !== null && isSeen(name)) return plainSigns(name).trim()
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
