import { unflow } from '#formats/message/flowed.ts'
import type { Letter, LetterPart } from '../model/conversation.ts'
import { fieldsNamed, parameter } from '../model/header.ts'
import { t } from '../texts/texts.ts'
import { useMail } from './mail-context.ts'

/** The letter's text, part by part. */
export function LetterContent({ letter }: { readonly letter: Letter }) {
  const { client } = useMail()
  const parts = letter.textBody.filter(part => part.type === 'text/plain')
  const values = parts.map(part => (part.partId === null ? undefined : letter.bodyValues[part.partId]))
  return (
    <div class="letter-body">
      {values.some(value => value?.isEncodingProblem) && <p class="letter-note">{t().reading.encodingProblem}</p>}
      {parts.map((part, at) => (
        <div key={part.partId ?? at} class="plain">
          <p>{unflowed(part, values[at]?.value ?? '')}</p>
        </div>
      ))}
      {values.some(value => value?.isTruncated) && (
        <p class="letter-note">
          {t().reading.truncated}{' '}
          <a href={client.downloadUrl(letter.blobId, `${letter.id}.eml`, 'message/rfc822')} download>
            {t().reading.whole}
          </a>
        </p>
      )}
    </div>
  )
}

/** RFC 3676 */
function unflowed(part: LetterPart, text: string): string {
  const [type = ''] = fieldsNamed(part.headers, 'content-type')
  if (parameter(type, 'format')?.toLowerCase() !== 'flowed') return text
  return unflow(text, parameter(type, 'delsp')?.toLowerCase() === 'yes')
}
