import { leave } from '../model/app.ts'
import { t } from '../texts/texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import './waiting.css'

/** Signing out while something waits for the network */
export function LeaveDialog({ onClose }: { readonly onClose: () => void }) {
  const words = t().away
  const go = () => {
    onClose()
    void leave()
  }
  return (
    <Dialog title={words.leaveTitle} closeLabel={t().actions.close} onClose={onClose}>
      <div class="waiting">
        <p>{words.leaveHint}</p>
      </div>
      <div class="dialog-foot">
        <Button onClick={onClose}>{words.stay}</Button>
        <Button kind="primary" onClick={go}>
          {words.leave}
        </Button>
      </div>
    </Dialog>
  )
}
