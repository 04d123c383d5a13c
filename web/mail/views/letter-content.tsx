import { unflow } from '#formats/message/flowed.ts'
import type { InlineImage } from '../letter/inline-images.ts'
import { LetterBody } from '../letter/letter-body.tsx'
import type { Mail } from '../model/mail.ts'
import type { Letter, LetterPart } from '../model/conversation.ts'
import { fieldsNamed, parameter } from '../model/header.ts'
import { provenSender } from '../model/sender-proof.ts'
import { isDark } from '../model/settings.ts'
import { language, t } from '../texts/texts.ts'
import { openBlob } from './open-blob.ts'
import { useMail } from './mail-context.ts'
import { addressesIn, writing } from './writing.ts'

/** The letter as its writer meant it, part by part: HTML where there is some. */
export function LetterContent({
  letter,
  isAttached = false,
}: {
  readonly letter: Letter
  /** Inside another letter: its header is wholly a stranger's */
  readonly isAttached?: boolean
}) {
  const mail = useMail()
  const { client, user, trusted, notices } = mail
  const parts = textParts(letter)
  const values = parts.map(part => (part.partId === null ? undefined : letter.bodyValues[part.partId]))
  // anybody can write a trusted sender's address into From
  const sender = isAttached ? undefined : provenSender(letter, user.authservIds ?? [])
  const keep = (address: string) => trusted.trust(address).catch(() => notices.say(t().letter.trustNotKept))
  return (
    <div class="letter-body">
      {values.some(value => value?.isEncodingProblem) && <p class="letter-note">{t().reading.encodingProblem}</p>}
      {parts.map((part, at) => (
        <LetterBody
          key={part.partId ?? at}
          {...bodyOf(part, values[at]?.value ?? '')}
          inlineImages={inlineImages(letter, mail)}
          senderTrusted={trusted.has(sender)}
          onTrust={sender === undefined ? undefined : () => keep(sender)}
          language={language.value}
          dark={isDark.value}
          onMailto={writeTo}
        />
      ))}
      {parts.length === 0 && letter.attachments.length === 0 && <p class="letter-note">{t().reading.emptyBody}</p>}
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

/** What is shown of a letter, part by part */
export function bodiesOf(letter: Letter): readonly ReturnType<typeof bodyOf>[] {
  return textParts(letter).map(part => bodyOf(part, letter.bodyValues[part.partId ?? '']?.value ?? ''))
}

function textParts({ htmlBody }: Letter): readonly LetterPart[] {
  return htmlBody.filter(({ type }) => type === 'text/html' || type === 'text/plain')
}

function bodyOf(part: LetterPart, value: string): { readonly html: string } | { readonly text: string } {
  if (part.type === 'text/html') return { html: value }
  const [type = ''] = fieldsNamed(part.headers, 'content-type')
  // RFC 3676
  const isFlowed = parameter(type, 'format')?.toLowerCase() === 'flowed'
  return { text: isFlowed ? unflow(value, parameter(type, 'delsp')?.toLowerCase() === 'yes') : value }
}

const madeFor = new WeakMap<Letter, readonly InlineImage[]>()

/** The same array each time: a letter never changes. */
export function inlineImages(letter: Letter, mail: Mail): readonly InlineImage[] {
  const known = madeFor.get(letter)
  if (known) return known
  const images = [...letter.attachments, ...letter.htmlBody].flatMap(({ cid, blobId, type }) => {
    if (cid === null || blobId === null || !type.startsWith('image/')) return []
    const url = mail.client.downloadUrl(blobId, 'image', type)
    const open = (signal: AbortSignal) => openBlob(mail, blobId, url, signal)
    return [{ cid: cid.replace(/^<|>$/g, ''), type, open }]
  })
  madeFor.set(letter, images)
  return images
}

/** True: taken. */
function writeTo(href: string): boolean {
  const to = addressesIn(href)
  if (!writing.peek() || to.length === 0) return false
  writing.peek()?.start({ kind: 'new', to })
  return true
}
