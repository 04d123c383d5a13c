import { leaving, go } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { useContacts } from './contacts-view.ts'
import { ExportDialog } from './export-dialog.tsx'
import { GroupNameDialog, GroupsDialog } from './group-dialogs.tsx'
import { ImportDialog } from './import-dialog.tsx'
import './contacts-dialogs.css'

export function ContactsDialogs() {
  const { dialog } = useContacts()
  const request = dialog.value
  const close = () => (dialog.value = undefined)
  switch (request?.kind) {
    case undefined:
      return null
    case 'import':
      return <ImportDialog file={request.file} onClose={close} />
    case 'export':
      return <ExportDialog cards={request.cards} onClose={close} />
    case 'groups':
      return <GroupsDialog cards={request.cards} onClose={close} />
    case 'group-name':
      return <GroupNameDialog group={request.group} cards={request.cards} onClose={close} />
    case 'leave':
      return (
        <Dialog
          title={t().contacts.unsaved.title}
          closeLabel={t().actions.close}
          onClose={close}
          footer={
            <>
              <Button onClick={close}>{t().contacts.unsaved.stay}</Button>
              <Button
                kind="danger"
                onClick={() => {
                  close()
                  leaving.ask = undefined
                  go(request.to, { replace: true })
                }}
              >
                {t().contacts.unsaved.leave}
              </Button>
            </>
          }
        >
          <p>{t().contacts.unsaved.text}</p>
        </Dialog>
      )
    default:
      return request satisfies never
  }
}
