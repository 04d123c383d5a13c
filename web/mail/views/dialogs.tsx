import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Id } from '#protocols/jmap/wire.ts'
import type { Letter } from '../model/conversation.ts'
import type { ScheduledDialog } from './compose/scheduled-dialog.tsx'
import { closeDialog, dialogs, type SettingsSection } from './dialog-request.ts'
import type { Viewer, ViewerProps } from '../preview/viewer.tsx'
import type { CharsetDialog } from './charset-dialog.tsx'
import type { UnsubscribeDialog } from './unsubscribe-dialog.tsx'
import { DestroyDialog } from './destroy-dialog.tsx'
import { KeysDialog } from './keys-dialog.tsx'
import type { LabelDialog, LabelDialogProps } from './labels/label-dialog.tsx'
import type { FolderDialog, FolderDialogProps } from './folders/folder-dialog.tsx'
import { LeaveDialog } from './leave-dialog.tsx'
import { MoveDialog } from './move-dialog.tsx'
import type { SettingsDialog } from './settings/settings-dialog.tsx'
import { SourceDialog } from './source-dialog.tsx'
import type { TrackDialog } from './track/track-dialog.tsx'
import type { WaitingDialog } from './waiting-dialog.tsx'

type LetterDialogProps = { readonly letter: Letter; readonly onClose: () => void }

function LazyUnsubscribe(props: LetterDialogProps) {
  const Loaded = useSignal<typeof UnsubscribeDialog | undefined>(undefined)
  useEffect(() => {
    import('./unsubscribe-dialog.tsx').then(({ UnsubscribeDialog: loaded }) => (Loaded.value = loaded), props.onClose)
  }, [])
  return Loaded.value ? <Loaded.value {...props} /> : null
}

function LazyCharset(props: LetterDialogProps) {
  const Loaded = useSignal<typeof CharsetDialog | undefined>(undefined)
  useEffect(() => {
    import('./charset-dialog.tsx').then(({ CharsetDialog: loaded }) => (Loaded.value = loaded), props.onClose)
  }, [])
  return Loaded.value ? <Loaded.value {...props} /> : null
}

/** Behind the first page: what looks at files is large. */
function LazyViewer(props: ViewerProps) {
  const Loaded = useSignal<typeof Viewer | undefined>(undefined)
  useEffect(() => {
    import('../preview/viewer.tsx').then(({ Viewer: loaded }) => (Loaded.value = loaded), props.onClose)
  }, [])
  return Loaded.value ? <Loaded.value {...props} /> : null
}

/** Behind the first page: few people come here often. */
function LazySettings({
  section,
  like,
  onClose,
}: {
  readonly section: SettingsSection | undefined
  readonly like: Letter | undefined
  readonly onClose: () => void
}) {
  const Loaded = useSignal<typeof SettingsDialog | undefined>(undefined)
  useEffect(() => {
    import('./settings/settings-dialog.tsx').then(({ SettingsDialog: loaded }) => (Loaded.value = loaded), onClose)
  }, [])
  return Loaded.value ? <Loaded.value section={section} like={like} onClose={onClose} /> : null
}

function LazyLabels(props: LabelDialogProps) {
  const Loaded = useSignal<typeof LabelDialog | undefined>(undefined)
  useEffect(() => {
    import('./labels/label-dialog.tsx').then(({ LabelDialog: loaded }) => (Loaded.value = loaded), props.onClose)
  }, [])
  return Loaded.value ? <Loaded.value {...props} /> : null
}

function LazyFolder(props: FolderDialogProps) {
  const Loaded = useSignal<typeof FolderDialog | undefined>(undefined)
  useEffect(() => {
    import('./folders/folder-dialog.tsx').then(({ FolderDialog: loaded }) => (Loaded.value = loaded), props.onClose)
  }, [])
  return Loaded.value ? <Loaded.value {...props} /> : null
}

/** Behind the first page as well, and there before the network is away */
function LazyWaiting({ onClose }: { readonly onClose: () => void }) {
  const Loaded = useSignal<typeof WaitingDialog | undefined>(undefined)
  useEffect(() => {
    import('./waiting-dialog.tsx').then(({ WaitingDialog: loaded }) => (Loaded.value = loaded), onClose)
  }, [])
  return Loaded.value ? <Loaded.value onClose={onClose} /> : null
}

function LazyTrack(props: { readonly emailId: Id; readonly onClose: () => void }) {
  const Loaded = useSignal<typeof TrackDialog | undefined>(undefined)
  useEffect(() => {
    import('./track/track-dialog.tsx').then(({ TrackDialog: loaded }) => (Loaded.value = loaded), props.onClose)
  }, [])
  return Loaded.value ? <Loaded.value {...props} /> : null
}

function LazyScheduled(props: { readonly onClose: () => void }) {
  const Loaded = useSignal<typeof ScheduledDialog | undefined>(undefined)
  useEffect(() => {
    import('./compose/scheduled-dialog.tsx').then(
      ({ ScheduledDialog: loaded }) => (Loaded.value = loaded),
      props.onClose,
    )
  }, [])
  return Loaded.value ? <Loaded.value {...props} /> : null
}

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
