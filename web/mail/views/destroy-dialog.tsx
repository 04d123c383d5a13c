import type { Id } from '#protocols/jmap/wire.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { destroy } from './commands.ts'
import { useMail } from './mail-context.ts'

export function DestroyDialog({ threads, onClose }: { readonly threads: readonly Id[]; readonly onClose: () => void }) {
  const mail = useMail()
  const { confirm, actions } = t()
  return (
    <Dialog
      title={confirm.destroy(threads.length)}
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
