import { closeDialog, dialogs } from './dialog-request.ts'
import { DestroyDialog } from './destroy-dialog.tsx'
import { KeysDialog } from './keys-dialog.tsx'
import { MoveDialog } from './move-dialog.tsx'
import { SourceDialog } from './source-dialog.tsx'

export function Dialogs() {
  const request = dialogs.value
  switch (request?.kind) {
    case undefined:
      return null
    case 'keys':
      return <KeysDialog onClose={closeDialog} />
    case 'move':
      return <MoveDialog threads={request.threads} onClose={closeDialog} />
    case 'destroy':
      return <DestroyDialog threads={request.threads} onClose={closeDialog} />
    case 'source':
      return <SourceDialog letter={request.letter} onClose={closeDialog} />
    default:
      return request satisfies never
  }
}
