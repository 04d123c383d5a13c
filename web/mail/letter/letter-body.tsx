/** The body of a letter, in HTML or in plain text, with what has to be said about its images. */
import { useMemo, useState } from 'preact/hooks'
import { foldQuotes } from './fold-quotes.ts'
import { LetterFrame } from './frame.tsx'
import { type InlineImage, useInlineUrls } from './inline-images.ts'
import { letterTexts } from './letter-texts.ts'
import { PlainLetter } from './plain-letter.tsx'
import { type CleanLetter, sanitiseLetter } from './sanitise.ts'
import './letter.css'

export type LetterBodyProps = {
  /** As the JMAP body value has it; shown before `text` */
  readonly html?: string | undefined
  readonly text?: string | undefined
  readonly inlineImages: readonly InlineImage[]
  /** Images of this sender are shown without asking */
  readonly senderTrusted: boolean
  /** "Always from this sender" was chosen: keep it. Absent where nobody knows who it really is: then it is not offered */
  readonly onTrust?: (() => unknown) | undefined
  readonly language: 'en' | 'ja'
  /** The page is dark */
  readonly dark?: boolean | undefined
  /** A link to an address was followed. True: the webmail writes a letter, the system's program does not */
  readonly onMailto?: ((href: string) => boolean) | undefined
}

export function LetterBody(props: LetterBodyProps) {
  const { html, text, language, onMailto } = props
  if (html !== undefined && html.trim() !== '') return <HtmlLetter {...props} html={html} />
  const texts = letterTexts[language]
  if (text === undefined || text.trim() === '') return <p class="letter-empty">{texts.empty}</p>
  return <PlainLetter text={text} texts={texts} onMailto={onMailto} />
}

/** Our proxy, by its whole URL: a frame's policy is compared with it. */
function imageSource(): string {
  return `${location.origin}/image`
}

function HtmlLetter({
  html,
  inlineImages,
  senderTrusted,
  onTrust,
  language,
  dark = false,
  onMailto,
}: LetterBodyProps & { readonly html: string }) {
  const [shownFor, setShownFor] = useState<string>()
  const texts = letterTexts[language]
  const showsImages = senderTrusted || shownFor === html
  const letter = useMemo(() => cleaned(html, { showsImages, dark, language }), [html, showsImages, dark, language])
  const inlineUrls = useInlineUrls(inlineImages, letter.cids)
  const { images, trackers } = letter.remote
  const show = () => setShownFor(html)
  return (
    <div class="letter">
      {!showsImages && images > 0 && (
        <div class="letter-images" role="status">
          <span>{texts.hidden(images, trackers)}</span>
          {images > trackers && (
            <span class="letter-images-choices">
              <button type="button" onClick={show}>
                {texts.showOnce}
              </button>
              {onTrust && (
                <button
                  type="button"
                  onClick={() => {
                    show()
                    onTrust()
                  }}
                >
                  {texts.showAlways}
                </button>
              )}
            </span>
          )}
        </div>
      )}
      <LetterFrame
        letter={letter}
        imageSource={showsImages ? imageSource() : undefined}
        inlineUrls={inlineUrls}
        title={texts.letter}
        onMailto={onMailto}
      />
    </div>
  )
}

type Look = { readonly showsImages: boolean; readonly dark: boolean; readonly language: 'en' | 'ja' }

function cleaned(html: string, { showsImages, dark, language }: Look): CleanLetter {
  const texts = letterTexts[language]
  const remoteUrl = (url: string) => `${imageSource()}?url=${encodeURIComponent(url)}`
  const letter = sanitiseLetter(html, { dark, trueHost: texts.trueHost, ...(showsImages && { remoteUrl }) })
  foldQuotes(letter.body, letter.styles, texts.olderLetter)
  return letter
}
