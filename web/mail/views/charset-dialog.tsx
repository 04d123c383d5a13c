import { useSignal } from '@preact/signals'
import type { Letter } from '../model/conversation.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { CharsetOptions } from './charset-options.tsx'
import { useMail } from './mail-context.ts'

/** A letter whose characters are wrong: what it declares, what was found, and what to read it in instead. */
export function CharsetDialog({ letter, onClose }: { readonly letter: Letter; readonly onClose: () => void }) {
  const { conversation, notices } = useMail()
  const chosen = useSignal(letter.viewCharset ?? '')
  const words = t().letter
  const [part] = letter.htmlBody.filter(({ type }) => type.startsWith('text/'))
  const found = part?.partId ? letter.bodyValues[part.partId]?.charset : undefined
  const show = () => {
    onClose()
    const charset = chosen.peek() === '' ? undefined : chosen.peek()
    conversation
      .peek()
      ?.viewAs(letter.id, charset)
      .catch(() => notices.failed())
  }
  return (
    <Dialog
      title={t().preview.charset}
      closeLabel={t().actions.close}
      onClose={onClose}
      footer={
        <Button kind="primary" onClick={show}>
          {words.show}
        </Button>
      }
    >
      <dl class="charset-facts">
        <div>
          <dt>{words.declared}</dt>
          <dd>{part?.charset ?? words.nothing}</dd>
        </div>
        <div>
          <dt>{words.found}</dt>
          <dd>{found ?? words.nothing}</dd>
        </div>
      </dl>
      <label class="charset-choice">
        {words.viewAs}
        <select value={chosen.value} onChange={event => (chosen.value = event.currentTarget.value)}>
          <option value="">{t().preview.automatic}</option>
          <CharsetOptions />
        </select>
      </label>
    </Dialog>
  )
}
