import { useRef } from 'preact/hooks'
import type { Letter } from '../model/conversation.ts'
import { type SenderProof, senderProof } from '../model/sender-proof.ts'
import { t } from '../texts/texts.ts'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { place } from '../../ui/menu.tsx'
import { useMail } from './mail-context.ts'

const icons: Readonly<Record<SenderProof['kind'], IconName>> = {
  verified: 'shieldCheck',
  failed: 'shieldAlert',
  unproved: 'shield',
}

/** Who really sent it, in a few words; a click says more. */
export function ProofBadge({ letter }: { readonly letter: Letter }) {
  const { user } = useMail()
  const panel = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const proof = senderProof(letter.headers, user.authservIds ?? [])
  if (!proof) return null
  const { title, text } = words(proof)
  const open = () => {
    panel.current?.togglePopover()
    if (panel.current && button.current) place(panel.current, button.current)
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        class="proof"
        data-kind={proof.kind}
        title={title}
        aria-label={title}
        onClick={open}
      >
        <Icon name={icons[proof.kind]} size={15} />
        {proof.kind === 'failed' && <span>{title}</span>}
      </button>
      <div ref={panel} class="menu proof-text" popover="auto">
        <strong>{title}</strong>
        <p>{text}</p>
        {proof.kind === 'verified' && proof.signedBy !== undefined && <p>{t().proof.signedBy(proof.signedBy)}</p>}
      </div>
    </>
  )
}

function words({ kind, domain }: SenderProof): { readonly title: string; readonly text: string } {
  const { proof } = t()
  switch (kind) {
    case 'verified':
      return { title: proof.verified(domain), text: proof.verifiedText(domain) }
    case 'failed':
      return { title: proof.failed(domain), text: proof.failedText(domain) }
    case 'unproved':
      return { title: proof.unproved(domain), text: proof.unprovedText(domain) }
    default:
      return kind satisfies never
  }
}
