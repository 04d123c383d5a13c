import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { closeDialog, dialogs } from './dialog-request.ts'
import { DestroyDialog } from './destroy-dialog.tsx'
import { KeysDialog } from './keys-dialog.tsx'
import { MoveDialog } from './move-dialog.tsx'
import type { SettingsDialog } from './settings/settings-dialog.tsx'
import { SourceDialog } from './source-dialog.tsx'

/** Behind the first page: few people come here often. */
function LazySettings({ onClose }: { readonly onClose: () => void }) {
  const Loaded = useSignal<typeof SettingsDialog | undefined>(undefined)
  useEffect(() => {
    import('./settings/settings-dialog.tsx').then(({ SettingsDialog: loaded }) => (Loaded.value = loaded), onClose)
  }, [])
  return Loaded.value ? <Loaded.value onClose={onClose} /> : null
}

export function Dialogs() {
  const request = dialogs.value
  switch (request?.kind) {
    case undefined:
      return null
    case 'keys':
      return <KeysDialog onClose={closeDialog} />
    case 'settings':
      return <LazySettings onClose={closeDialog} />
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
