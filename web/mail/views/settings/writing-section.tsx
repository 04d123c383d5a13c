import type { Identity } from '#protocols/jmap/wire-sending.ts'
import { readIdentities, saveIdentity } from '../../model/account/preferences.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { useMail } from '../mail-context.ts'
import { textIn } from './form-text.ts'
import { useLoaded } from './loaded.ts'
import { Said, useSaying } from './saying.tsx'

export function WritingSection() {
  const { client } = useMail()
  const identities = useLoaded(() => readIdentities(client))
  if (identities.hasFailed.value) return <p>{t().account.loadFailed}</p>
  return (
    <>
      {identities.value.value?.map(one => (
        <IdentityForm key={one.id} identity={one} />
      ))}
    </>
  )
}

function IdentityForm({ identity }: { readonly identity: Identity }) {
  const { client, news } = useMail()
  const words = t().account
  const saying = useSaying()
  const onSubmit = async (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    const text = (name: string) => textIn(form, name)
    const patch = { name: text('name').trim(), textSignature: text('signature').trimEnd(), htmlSignature: '' }
    const save = async () => {
      const state = await saveIdentity(client, identity.id, patch)
      // the next letter knows it before the server's news are here
      for (const hear of news) hear({ Identity: state })
    }
    if (await saying.act(save)) saying.text.value = words.saved
  }
  return (
    <form class="account-form" onSubmit={event => void onSubmit(event)}>
      <h3>{identity.email}</h3>
      <label>
        {words.name}
        <input class="text-field" name="name" defaultValue={identity.name} maxLength={200} autoComplete="name" />
      </label>
      <label>
        {words.signature}
        <textarea class="text-field" name="signature" rows={4} maxLength={4000} defaultValue={identity.textSignature} />
        <span class="account-hint">{words.signatureHint}</span>
      </label>
      <div class="account-row">
        <Button kind="primary" type="submit">
          {words.save}
        </Button>
        <Said saying={saying} />
      </div>
    </form>
  )
}
