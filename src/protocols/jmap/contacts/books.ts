/** Address books as they are told, and what may be set of them. RFC 9610 §2 */
import { printBookId } from '#formats/jscontact/ids.ts'
import type { AddressBookProperties, AddressBookRow } from '#mail/contacts.ts'
import { ArgumentFault, type Check, flag, nullable, text, unsigned } from '../syntax/arguments.ts'
import type { AddressBook } from '../wire-contacts.ts'

const maxNameBytes = 255
const maxDescriptionBytes = 4096

export function shownBook({ id, isDefault, value }: Pick<AddressBookRow, 'id' | 'isDefault' | 'value'>): AddressBook {
  const { description, isSubscribed, name, sortOrder } = JSON.parse(value) as AddressBookProperties
  return {
    id: printBookId(id),
    name,
    description,
    sortOrder,
    isDefault: isDefault === 1,
    isSubscribed,
    shareWith: null,
    myRights: rightsOf(isDefault === 1),
  }
}

/** Nothing is shared yet. The default book stays. */
export function rightsOf(isDefault: boolean): AddressBook['myRights'] {
  return { mayRead: true, mayWrite: true, mayShare: false, mayDelete: !isDefault }
}

export const bookChecks = {
  name: textOf(1, maxNameBytes),
  description: nullable(textOf(0, maxDescriptionBytes)),
  sortOrder: below(2 ** 31),
  isSubscribed: flag,
}

function textOf(from: number, to: number): Check<string> {
  return (value, at) => {
    const given = text(value, at)
    const octets = Buffer.byteLength(given)
    if (octets < from || octets > to) throw new ArgumentFault(`${at} should have ${from} to ${to} octets`)
    return given
  }
}

function below(limit: number): Check<number> {
  return (value, at) => {
    const given = unsigned(value, at)
    if (given >= limit) throw new ArgumentFault(`${at} should be below ${limit}`)
    return given
  }
}
