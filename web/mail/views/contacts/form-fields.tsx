import type { ComponentProps } from 'preact'
import { useRef } from 'preact/hooks'
import type { ContactForm } from '../../model/contacts/form.ts'
import { language, t } from '../../texts/texts.ts'

export type Fields = { readonly form: ContactForm; readonly change: (patch: Partial<ContactForm>) => void }

type TextName = { [Name in keyof ContactForm]: ContactForm[Name] extends string ? Name : never }[keyof ContactForm]

type TextFieldProps = Fields & { readonly name: TextName; readonly label: string }
type Typing = Pick<ComponentProps<'input'>, 'autofocus' | `onComposition${'Start' | 'Update' | 'End'}`>

export function TextField({ form, change, name, label, ...typing }: TextFieldProps & Typing) {
  return (
    <label class="form-field">
      {label}
      <input
        class="text-field"
        name={name}
        maxLength={250}
        autoComplete="off"
        value={form[name]}
        onInput={event => change({ [name]: event.currentTarget.value })}
        {...typing}
      />
    </label>
  )
}

/** Family name first in Japanese, the given one in English. */
export function NameFields(fields: Fields) {
  const texts = t().contacts.form
  const surname = <NamedField key="surname" {...fields} name="surname" reading="surnameReading" label={texts.surname} />
  const given = <NamedField key="given" {...fields} name="given" reading="givenReading" label={texts.given} />
  const readings = [
    <TextField key="surname" {...fields} name="surnameReading" label={texts.surnameReading} />,
    <TextField key="given" {...fields} name="givenReading" label={texts.givenReading} />,
  ]
  const isJapanese = language.value === 'ja'
  return (
    <div class="form-name">
      <div class="form-pair">{isJapanese ? [surname, given] : [given, surname]}</div>
      <div class="form-pair">{isJapanese ? readings : readings.toReversed()}</div>
    </div>
  )
}

/** What an input method was given before it became kanji is how the name is read: it goes into the reading while nobody has written one. */
function NamedField({
  reading,
  ...field
}: TextFieldProps & { readonly name: 'surname' | 'given'; readonly reading: 'surnameReading' | 'givenReading' }) {
  const { form, change, name } = field
  const typed = useRef('')
  const filled = useRef('')
  return (
    <TextField
      {...field}
      autofocus={name === (language.value === 'ja' ? 'surname' : 'given') && form[name] === ''}
      onCompositionStart={() => (typed.current = '')}
      onCompositionUpdate={({ data }) => {
        if (/^[ぁ-ゖァ-ヺー]+$/.test(data)) typed.current = data
      }}
      onCompositionEnd={event => {
        const value = event.currentTarget.value
        if (typed.current === '' || (form[reading] !== '' && form[reading] !== filled.current)) return
        filled.current += typed.current
        change({ [name]: value, [reading]: filled.current })
      }}
    />
  )
}

export function BirthdayFields({ form, change }: Fields) {
  const texts = t().contacts.form
  const [, year = '', month = '', day = ''] = /^(\d*|-)-(\d*)-(\d*)$/.exec(form.birthday) ?? []
  const set = (parts: { readonly year?: string; readonly month?: string; readonly day?: string }) => {
    const next = { year: year === '-' ? '' : year, month, day, ...parts }
    const two = (text: string) => text && text.replace(/^0+(?=\d)/, '').padStart(2, '0')
    const isNone = next.year === '' && next.month === '' && next.day === ''
    change({ birthday: isNone ? '' : `${next.year || '-'}-${two(next.month)}-${two(next.day)}` })
  }
  const field = (name: 'year' | 'month' | 'day', value: string, size: number) => (
    <label class="form-field form-number" key={name}>
      {texts[name]}
      <input
        class="text-field"
        inputMode="numeric"
        autoComplete="off"
        maxLength={size}
        value={value.replace(/^0+/, '')}
        onChange={event => set({ [name]: event.currentTarget.value.normalize('NFKC').replaceAll(/\D/g, '') })}
      />
    </label>
  )
  const all = [field('year', year === '-' ? '' : year, 4), field('month', month, 2), field('day', day, 2)]
  return (
    <fieldset class="form-group">
      <legend>{t().contacts.birthday}</legend>
      <div class="form-date">{language.value === 'ja' ? all : all.toReversed()}</div>
    </fieldset>
  )
}
