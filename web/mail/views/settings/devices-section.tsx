import { useSignal } from '@preact/signals'
import { access, type NamedSecret, type WebSession } from '../../model/account/access.ts'
import { browserName } from '../../model/account/preferences.ts'
import { longDate } from '../../model/dates.ts'
import { language, t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { useMail } from '../mail-context.ts'
import { localeFor } from '../message-row.tsx'
import { textIn } from './form-text.ts'
import { type Loaded, useLoaded } from './loaded.ts'
import { PhoneLink } from './phone-link.tsx'
import { QrCode } from './qr-code.tsx'
import { Said, type Saying, useSaying } from './saying.tsx'

export function DevicesSection() {
  return (
    <>
      <AppPasswords />
      <PhoneLink />
      <Sessions />
    </>
  )
}

function AppPasswords() {
  const { user } = useMail()
  const words = t().account
  const all = useLoaded(access.appPasswords)
  const saying = useSaying()
  const added = useSignal<{ readonly name: string; readonly password: string } | undefined>(undefined)
  const onSubmit = async (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    const name = textIn(form, 'name').trim()
    await saying.act(async () => {
      added.value = await access.addAppPassword(name)
      form.reset()
      await all.again()
    })
  }
  return (
    <section class="account-form">
      <h3>{words.appPasswords}</h3>
      <p class="account-hint">{words.appPasswordsHint}</p>
      {added.value && (
        <div class="account-secret" role="status">
          <strong>{words.addedPassword(added.value.name)}</strong>
          <code>{added.value.password}</code>
          <span>{words.useAddress(user.username)}</span>
          <ServerNames />
          <QrCode text={added.value.password} label={words.qrOfPassword} />
          <span class="account-hint">{words.qrPasswordHint}</span>
          <span class="account-hint">{words.shownOnce}</span>
        </div>
      )}
      <SecretList all={all} none={words.noAppPasswords} remove={access.removeAppPassword} saying={saying} />
      <form class="account-row" onSubmit={event => void onSubmit(event)}>
        <input
          class="text-field"
          name="name"
          required
          maxLength={100}
          aria-label={words.deviceName}
          placeholder={words.deviceExample}
        />
        <Button kind="primary" type="submit">
          {words.add}
        </Button>
      </form>
      <Said saying={saying} />
    </section>
  )
}

function ServerNames() {
  const { imap, submission } = useMail().user.services ?? {}
  const words = t().account
  return (
    <>
      {imap && <span>{words.imapServer(imap.host, imap.port, words.security[imap.security])}</span>}
      {submission && (
        <span>{words.submissionServer(submission.host, submission.port, words.security[submission.security])}</span>
      )}
      {!imap && !submission && <span>{words.noServers}</span>}
    </>
  )
}

export function SecretList({
  all,
  none,
  remove,
  saying,
}: {
  readonly all: Loaded<readonly NamedSecret[]>
  readonly none: string
  readonly remove: (id: string) => Promise<unknown>
  readonly saying: Saying
}) {
  const words = t().account
  if (all.hasFailed.value) return <p>{words.loadFailed}</p>
  const list = all.value.value
  if (!list) return null
  if (list.length === 0) return <p class="account-hint">{none}</p>
  return (
    <ul class="account-list">
      {list.map(one => (
        <li key={one.id}>
          <span>
            {one.name}
            <span class="account-hint">
              {one.lastUsed === null ? words.neverUsed : words.lastUsed(shown(one.lastUsed))}
            </span>
          </span>
          <Button
            onClick={() => {
              if (!confirm(words.removeSure(one.name))) return
              void saying.act(async () => {
                await remove(one.id)
                await all.again()
              })
            }}
          >
            {words.remove}
          </Button>
        </li>
      ))}
    </ul>
  )
}

function Sessions() {
  const words = t().account
  const all = useLoaded(access.sessions)
  const saying = useSaying()
  if (all.hasFailed.value) return <p>{words.loadFailed}</p>
  return (
    <section class="account-form">
      <h3>{words.sessions}</h3>
      <p class="account-hint">{words.sessionsHint}</p>
      <ul class="account-list">
        {all.value.value?.map(one => (
          <li key={one.id}>
            <span>
              {nameOf(one)}
              <span class="account-hint">
                {one.clientAddress} · {one.current ? words.thisOne : words.lastUsed(shown(one.lastUsed))}
              </span>
            </span>
            {!one.current && (
              <Button
                onClick={() =>
                  void saying.act(async () => {
                    await access.endSession(one.id)
                    await all.again()
                  })
                }
              >
                {words.signOut}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Said saying={saying} />
    </section>
  )
}

function nameOf({ userAgent }: WebSession): string {
  const { browser, system } = browserName(userAgent)
  return [browser, system].filter(one => one !== '').join(' · ') || userAgent.slice(0, 60)
}

function shown(time: string): string {
  return longDate(new Date(time), new Date(), { locale: localeFor(language.value), yesterday: t().list.yesterday })
}
