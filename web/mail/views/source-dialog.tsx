import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Letter } from '../model/conversation.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ask } from '../jmap/request.ts'
import { useMail } from './mail-context.ts'

/** More of it is for a file. */
const maxShownBytes = 1024 * 1024

/** The octets of a letter as they came; those that are no UTF-8 are shown as what they are in Latin-1. */
export function SourceDialog({ letter, onClose }: { readonly letter: Letter; readonly onClose: () => void }) {
  const { client } = useMail()
  const text = useSignal<string | undefined>(undefined)
  const failed = useSignal(false)
  const copied = useSignal(false)
  const url = client.downloadUrl(letter.blobId, `${letter.id}.eml`, 'message/rfc822')
  useEffect(() => {
    const end = new AbortController()
    ask(url, { signal: end.signal })
      .then(response => response.arrayBuffer())
      .then(octets => (text.value = shown(new Uint8Array(octets, 0, Math.min(octets.byteLength, maxShownBytes)))))
      .catch(() => (failed.value = !end.signal.aborted))
    return () => end.abort()
  }, [url])
  const copy = () => {
    void navigator.clipboard.writeText(text.peek() ?? '').then(() => (copied.value = true))
  }
  return (
    <Dialog
      wide
      title={t().reading.sourceTitle}
      closeLabel={t().actions.close}
      onClose={onClose}
      footer={
        <>
          <Button icon="copy" onClick={copy} disabled={text.value === undefined}>
            {copied.value ? t().reading.copied : t().reading.copy}
          </Button>
          <a class="button plain" href={url} download>
            {t().reading.downloadLetter}
          </a>
        </>
      }
    >
      {failed.value ? <p>{t().reading.failed}</p> : <pre class="source">{text.value ?? t().link.loading}</pre>}
    </Dialog>
  )
}

function shown(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets, { stream: true })
  } catch {
    return new TextDecoder('latin1').decode(octets)
  }
}
