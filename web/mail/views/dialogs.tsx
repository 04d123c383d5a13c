import { closeDialog, dialogs } from './dialog-request.ts'
import { DestroyDialog } from './destroy-dialog.tsx'
import { KeysDialog } from './keys-dialog.tsx'
import { later } from './later.tsx'
import { LeaveDialog } from './leave-dialog.tsx'
import { MoveDialog } from './move-dialog.tsx'
import { SourceDialog } from './source-dialog.tsx'

const close = ({ onClose }: { readonly onClose: () => void }) => onClose()

// behind the first page: what looks at files is large, and few people come to the others often
const LazyUnsubscribe = later(() => import('./unsubscribe-dialog.tsx').then(one => one.UnsubscribeDialog), close)
const LazyCharset = later(() => import('./charset-dialog.tsx').then(one => one.CharsetDialog), close)
const LazyViewer = later(() => import('../preview/viewer.tsx').then(one => one.Viewer), close)
const LazySettings = later(() => import('./settings/settings-dialog.tsx').then(one => one.SettingsDialog), close)
const LazyLabels = later(() => import('./labels/label-dialog.tsx').then(one => one.LabelDialog), close)
const LazyFolder = later(() => import('./folders/folder-dialog.tsx').then(one => one.FolderDialog), close)
const LazyTrack = later(() => import('./track/track-dialog.tsx').then(one => one.TrackDialog), close)
const LazyScheduled = later(() => import('./compose/scheduled-dialog.tsx').then(one => one.ScheduledDialog), close)
/** There before the network is away */
const LazyWaiting = later(() => import('./waiting-dialog.tsx').then(one => one.WaitingDialog), close)

export function Dialogs() {
  const request = dialogs.value
  switch (request?.kind) {
    case undefined:
      return null
    case 'keys':
      return <KeysDialog onClose={closeDialog} />
    case 'settings':
      return <LazySettings section={request.section} like={request.like} onClose={closeDialog} />
    case 'waiting':
      return <LazyWaiting onClose={closeDialog} />
    case 'leave':
      return <LeaveDialog onClose={closeDialog} />
    case 'move':
      return <MoveDialog threads={request.threads} onClose={closeDialog} />
    case 'destroy':
      return <DestroyDialog threads={request.threads} onClose={closeDialog} />
    case 'label':
      return <LazyLabels threads={request.threads} email={request.email} onClose={closeDialog} />
    case 'folder':
      return <LazyFolder id={request.id} onClose={closeDialog} />
    case 'scheduled':
      return <LazyScheduled onClose={closeDialog} />
    case 'source':
      return <SourceDialog letter={request.letter} onClose={closeDialog} />
    case 'unsubscribe':
      return <LazyUnsubscribe letter={request.letter} onClose={closeDialog} />
    case 'charset':
      return <LazyCharset letter={request.letter} onClose={closeDialog} />
    case 'preview':
      return (
        <LazyViewer
          key={request.parts[request.at]?.blobId}
          parts={request.parts}
          first={request.at}
          onClose={closeDialog}
        />
      )
    case 'track':
      return <LazyTrack emailId={request.emailId} onClose={closeDialog} />
    default:
      return request satisfies never
  }
}
