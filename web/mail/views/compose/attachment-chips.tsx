import type { Composition } from '../../model/compose/composition.ts'
import type { Attachment } from '../../model/compose/content.ts'
import { sizeText } from '../../model/dates.ts'
import { language, t } from '../../texts/texts.ts'
import { IconButton } from '../../../ui/button.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { useMail } from '../mail-context.ts'
import { localeFor } from '../message-row.tsx'
import { removeFile } from './files.ts'

export function AttachmentChips({ composition }: { readonly composition: Composition }) {
  const mail = useMail()
  const files = composition.content.value.attachments.filter(({ cid }) => cid === undefined)
  if (files.length === 0) return null
  return (
    <ul class="compose-files" aria-label={t().writing.attachments}>
      {files.map(file => (
        <li
          key={file.key}
          class="compose-file"
          data-state={typeof file.progress === 'string' ? file.progress : undefined}
        >
          <Icon name={file.progress === 'waiting' ? 'later' : 'attachment'} size={16} />
          <span class="compose-file-name">{file.name}</span>
          <span class="compose-file-size">{sizeText(file.sizeBytes, localeFor(language.value))}</span>
          {file.progress === 'waiting' && <span class="compose-file-waits">{t().away.fileWaits}</span>}
          <Progress file={file} />
          <IconButton
            icon="close"
            size={14}
            label={t().writing.removeFile(file.name)}
            onClick={() => removeFile(mail, composition, file.key)}
          />
        </li>
      ))}
    </ul>
  )
}

function Progress({ file: { progress, name } }: { readonly file: Attachment }) {
  if (progress === 1 || typeof progress === 'string') return null
  return <progress class="compose-progress" value={progress} max={1} aria-label={name} />
}
