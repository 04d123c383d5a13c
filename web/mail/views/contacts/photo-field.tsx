import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { t } from '../../texts/texts.ts'
import { Avatar } from '../../../ui/avatar.tsx'
import { Button } from '../../../ui/button.tsx'
import { useMail } from '../mail-context.ts'
import type { Fields } from './form-fields.tsx'
import { shrinkPhoto } from './shrink-photo.ts'

/** The photo, which is made small here before it is kept */
export function PhotoField({ form, change }: Fields) {
  const { client } = useMail()
  const texts = t().contacts.form
  const input = useRef<HTMLInputElement>(null)
  const fault = useSignal('')
  const { photo } = form
  const take = async (file: File) => {
    const uri = await shrinkPhoto(file)
    fault.value = uri === undefined ? texts.photoUnreadable : ''
    if (uri !== undefined) change({ photo: uri })
  }
  const source = photo.startsWith('blob:') ? client.downloadUrl(photo.slice(5), 'photo', 'image/jpeg') : photo
  const name = `${form.surname}${form.given}`.trim()
  return (
    <div class="form-photo">
      {photo === '' ? (
        <Avatar name={name || '?'} seed={form.emails[0]?.value ?? ''} size={72} />
      ) : (
        <img
          class="avatar contact-photo"
          src={source}
          alt={texts.photo}
          width={72}
          height={72}
          style={{ '--avatar-size': '72px' }}
        />
      )}
      <input
        ref={input}
        type="file"
        class="visually-hidden"
        accept="image/*"
        aria-label={texts.photoChoose}
        tabIndex={-1}
        onChange={event => {
          const [file] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (file) void take(file)
        }}
      />
      <Button {...(photo === '' && { icon: 'add' })} onClick={() => input.current?.click()}>
        {photo === '' ? texts.photoChoose : texts.photoOther}
      </Button>
      {photo !== '' && <Button onClick={() => change({ photo: '' })}>{texts.photoRemove}</Button>}
      {fault.value !== '' && (
        <p class="form-fault" role="alert">
          {fault.value}
        </p>
      )}
    </div>
  )
}
