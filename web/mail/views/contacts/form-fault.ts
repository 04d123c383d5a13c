/** What is wrong with a form, in words; undefined: nothing. */
import { isAddress } from '../../model/compose/addresses.ts'
import { type ContactForm, isEmpty } from '../../model/contacts/form.ts'
import { t } from '../../texts/texts.ts'

export function formFault(form: ContactForm): string | undefined {
  const texts = t().contacts.form
  if (isEmpty(form)) return texts.empty
  const wrong = form.emails.map(({ value }) => value.trim()).find(value => value !== '' && !isAddress(value))
  if (wrong !== undefined) return texts.wrongEmail(wrong)
  return form.birthday === '' || isDay(form.birthday) ? undefined : texts.wrongDate
}

/** `--02-29` is a birthday */
function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4}|-)-(\d\d)-(\d\d)$/.exec(text) ?? []
  if (month === undefined) return false
  const date = new Date(`${year === '-' ? '2000' : year}-${month}-${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day)
}
