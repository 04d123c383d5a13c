/** What a part's properties say in its MIME fields. RFC 8621 §4.1.4, RFC 2045 §5, RFC 2183 */
import { foldWords } from '#formats/message/fold.ts'
import { isArray } from '../../syntax/request.ts'
import type { JsonObject } from '../../wire.ts'
import type { Field } from './fields.ts'
import type { Invalid } from './invalid.ts'
import { printParameter, withParameters } from './parameters.ts'

export type PartMime = {
  readonly name: string | undefined
  readonly charset: string | undefined
  readonly disposition: string | undefined
  readonly cid: string | undefined
  readonly language: readonly string[] | undefined
  readonly location: string | undefined
}

const token = /^[A-Za-z0-9!#$&^_.+-]{1,100}$/
const printable = /^[!-;=?-~]{1,900}$/
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u

const checks: Readonly<Record<'name' | 'charset' | 'disposition' | 'cid' | 'location', (value: string) => boolean>> = {
  name: value => value !== '' && value.length <= 1000 && !control.test(value),
  charset: value => token.test(value),
  disposition: value => token.test(value),
  cid: value => printable.test(value),
  location: value => printable.test(value),
}
const fieldOf: Readonly<Record<string, string>> = {
  disposition: 'content-disposition',
  cid: 'content-id',
  language: 'content-language',
  location: 'content-location',
}

/** `taken`: fields that these properties stand for are added */
export function mimeOf(given: JsonObject, type: string, below: string, invalid: Invalid, taken: Set<string>): PartMime {
  const read = (name: keyof typeof checks) => {
    const { [name]: value = null } = given
    if (value === null) return undefined
    if (typeof value === 'string' && checks[name](value)) return value
    invalid.add(below + name, `This is no ${name} of a part`)
    return undefined
  }
  const { blobId = null } = given
  if (given['charset'] && (blobId === null || !type.startsWith('text/')))
    invalid.add(`${below}charset`, 'Only a blob that is text has a charset of its own')
  for (const [name, field] of Object.entries(fieldOf)) if ((given[name] ?? null) !== null) taken.add(field)
  return {
    name: read('name'),
    charset: read('charset'),
    disposition: read('disposition'),
    cid: read('cid'),
    language: languagesOf(given, below, invalid),
    location: read('location'),
  }
}

function languagesOf({ language = null }: JsonObject, below: string, invalid: Invalid): PartMime['language'] {
  if (language === null) return undefined
  const tags = isArray(language)
    ? language.filter(one => typeof one === 'string' && /^[A-Za-z0-9-]{1,60}$/.test(one))
    : []
  if (isArray(language) && language.length > 0 && tags.length === language.length) return tags as readonly string[]
  invalid.add(`${below}language`, 'Languages are tags like ja or en-GB')
  return undefined
}

/** `charset`: of the content as it was encoded; `parameters`: further ones of the type (`boundary=…`) */
export function mimeFields(
  type: string,
  mime: PartMime,
  content: { readonly charset: string | undefined; readonly encoding: string; readonly parameters: readonly string[] },
  fields: readonly Field[],
): string {
  const { cid, disposition, language, location, name } = mime
  const charset = content.charset === undefined ? [] : printParameter('charset', content.charset)
  const ofType = name === undefined || disposition !== undefined ? [] : printParameter('name', name)
  const ofDisposition = name === undefined ? [] : printParameter('filename', name)
  const lines = [
    foldWords('Content-Type', withParameters(type, [...charset, ...ofType, ...content.parameters])),
    content.encoding === '7bit' ? '' : foldWords('Content-Transfer-Encoding', [content.encoding]),
    disposition === undefined ? '' : foldWords('Content-Disposition', withParameters(disposition, ofDisposition)),
    cid === undefined ? '' : foldWords('Content-ID', [`<${cid}>`]),
    language === undefined ? '' : foldWords('Content-Language', withCommas(language)),
    location === undefined ? '' : foldWords('Content-Location', [location]),
  ]
  return lines.join('') + fields.map(({ text }) => text).join('')
}

function withCommas(tags: readonly string[]): readonly string[] {
  return tags.map((tag, index) => (index < tags.length - 1 ? `${tag},` : tag))
}
