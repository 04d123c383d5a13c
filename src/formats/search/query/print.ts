/** A query as text again: `parseQuery` reads the same query out of it. */
import { printDate } from './dates.ts'
import {
  andWords,
  attachmentWords,
  nameOfOperator,
  nameOfState,
  noAttachmentWords,
  notWords,
  orWords,
  operatorNamed,
} from './operators.ts'
import type { Query } from './query.ts'

export function printQuery(query: Query | undefined, language: 'en' | 'ja' = 'en'): string {
  return query ? print(query, language, 'top') : ''
}

type Place = 'top' | 'or' | 'and' | 'not'

function print(query: Query, language: 'en' | 'ja', place: Place): string {
  const name = (operator: Parameters<typeof nameOfOperator>[0]) => nameOfOperator(operator, language)
  switch (query.kind) {
    case 'and': {
      const text = query.of.map(one => print(one, language, 'and')).join(' ')
      return place === 'and' || place === 'not' ? `(${text})` : text
    }
    case 'or': {
      const text = query.of.map(one => print(one, language, 'or')).join(' OR ')
      return place === 'top' ? text : `(${text})`
    }
    case 'not':
      return `-${print(query.of, language, 'not')}`
    case 'text':
      return printText(query.text)
    case 'field':
      return `${name(query.field)}:${printValue(query.text)}`
    case 'header':
      return `${name('header')}:${printHeader(query.name, query.text)}`
    case 'attachment':
      return language === 'ja' ? `${name('attached')}:あり` : `${name('has')}:attachment`
    case 'in':
      return `${name('in')}:${printValue(query.mailbox)}`
    case 'label':
      return `${name('label')}:${printValue(query.label)}`
    case 'is':
      return `${name('is')}:${nameOfState(query.state, language)}`
    case 'date':
      return `${name(query.operator)}:${printDate(query.date)}`
    case 'size':
      return `${name(query.operator)}:${printSize(query.octets)}`
  }
}

/** What would be read as something else stands in quotation marks. */
function printText(text: string): string {
  const [beginning = ''] = text.split(/[:：]/, 1)
  const isOperator = beginning !== text && operatorNamed(beginning) !== undefined
  const plain = text.normalize('NFKC')
  const isWord = orWords.has(plain) || andWords.has(plain) || notWords.has(plain)
  return isOperator || isWord || /^[-－−]/.test(text) ? quoted(text) : printValue(text)
}

function printValue(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase()
  if (attachmentWords.has(plain) || noAttachmentWords.has(plain)) return quoted(text)
  return text === '' || /[\s"“”„＂()（）]/.test(text) ? quoted(text) : text
}

function printHeader(name: string, text: string): string {
  return text === '' ? name : `${name}:${printValue(text)}`
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["“”„＂\\]/g, '\\$&')}"`
}

const multiples = [
  ['G', 1024 ** 3],
  ['M', 1024 ** 2],
  ['k', 1024],
] as const

function printSize(octets: number): string {
  for (const [unit, multiple] of multiples)
    if (octets >= multiple && octets % multiple === 0) return `${octets / multiple}${unit}`
  return String(octets)
}
