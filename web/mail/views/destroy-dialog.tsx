import type { Id } from '#protocols/jmap/wire.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { destroy, meant } from './commands.ts'
import { useMail } from './mail-context.ts'

export function DestroyDialog({
  threads,
  onClose,
}: {
  readonly threads: readonly Id[] | undefined
  readonly onClose: () => void
}) {
  const mail = useMail()
  const whole = mail.selection.whole.value
  const { confirm, actions } = t()
  return (
    <Dialog
      title={
        whole?.kind === 'ready' && !threads
          ? t().bulk.destroySure(whole.everything.ids.size)
          : confirm.destroy((threads ?? meant(mail)).length)
      }
      closeLabel={actions.close}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{confirm.cancel}</Button>
          <Button
            kind="danger"
            onClick={() => {
              onClose()
              destroy(mail, threads)
            }}
          >
            {actions.destroy}
          </Button>
        </>
      }
    >
      <p>{confirm.destroyText}</p>
    </Dialog>
  )
}
