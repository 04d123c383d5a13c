/** A Card of JSContact: the types of what RFC 9553 defines. Values of enumerations are not limited to those registered (§1.7.4). */
import { byId, byName, type Check, either, exactly, flag, integer, list, object, set, text, utc } from './shape.ts'

const preference = integer(1, 100)
const told = { contexts: set, pref: preference }
const labelled = { ...told, label: text }
const phonetic = { phoneticSystem: text, phoneticScript: text }
const resource = { ...labelled, kind: text, mediaType: text }

/** §2.2.1 */
const nameComponent = object('NameComponent', { needed: { kind: text, value: text }, known: { phonetic: text } })
const name = object('Name', {
  known: {
    ...phonetic,
    components: list(nameComponent),
    isOrdered: flag,
    defaultSeparator: text,
    full: text,
    sortAs: byName(text),
  },
  oneOf: ['components', 'full'],
})
const organization = object('Organization', {
  known: {
    name: text,
    units: list(object('OrgUnit', { needed: { name: text }, known: { sortAs: text } })),
    sortAs: text,
    contexts: set,
  },
  oneOf: ['name', 'units'],
})
const pronouns = object('Pronouns', { needed: { pronouns: text }, known: told })
const speakToAs = object('SpeakToAs', { known: { grammaticalGender: text, pronouns: byId(pronouns) } })
const title = object('Title', { needed: { name: text }, known: { kind: text, organizationId: text } })

/** §2.5.1 */
const addressComponent = object('AddressComponent', { needed: { kind: text, value: text }, known: { phonetic: text } })
const address = object('Address', {
  known: {
    ...told,
    ...phonetic,
    components: list(addressComponent),
    isOrdered: flag,
    countryCode: text,
    coordinates: text,
    timeZone: text,
    full: text,
    defaultSeparator: text,
  },
})

/** §2.8.1 */
const partialDate = object('PartialDate', {
  known: { year: integer(0), month: integer(1, 13), day: integer(1, 31), calendarScale: text },
})
const timestamp = object('Timestamp', { needed: { utc } })
const anniversary = object('Anniversary', {
  needed: { kind: text, date: either(['PartialDate', partialDate], ['Timestamp', timestamp]) },
  known: { place: address, contexts: set },
})
const note = object('Note', {
  needed: { note: text },
  known: { created: utc, author: object('Author', { known: { name: text, uri: text } }) },
})
const personalInformation = object('PersonalInfo', {
  needed: { kind: text, value: text },
  known: { level: text, listAs: integer(1), label: text },
})

/** RFC 9610 §3: a blob in the place of the resource */
const media = object('Media', {
  needed: { kind: text },
  known: { ...resource, uri: text, blobId: text },
  oneOf: ['uri', 'blobId'],
})

/** §2; `addressBookIds`: RFC 9610 §3 */
export const card: Check = object('Card', {
  needed: { addressBookIds: set, version: exactly('1.0'), uid: text },
  known: {
    created: utc,
    kind: text,
    language: text,
    members: set,
    prodId: text,
    relatedTo: byName(object('Relation', { known: { relation: set } })),
    updated: utc,
    name,
    nicknames: byId(object('Nickname', { needed: { name: text }, known: told })),
    organizations: byId(organization),
    speakToAs,
    titles: byId(title),
    emails: byId(object('EmailAddress', { needed: { address: text }, known: labelled })),
    onlineServices: byId(
      object('OnlineService', { known: { ...labelled, service: text, uri: text, user: text }, oneOf: ['uri', 'user'] }),
    ),
    phones: byId(object('Phone', { needed: { number: text }, known: { ...labelled, features: set } })),
    preferredLanguages: byId(object('LanguagePref', { needed: { language: text }, known: told })),
    calendars: byId(object('Calendar', { needed: { uri: text }, known: resource })),
    schedulingAddresses: byId(object('SchedulingAddress', { needed: { uri: text }, known: labelled })),
    addresses: byId(address),
    cryptoKeys: byId(object('CryptoKey', { needed: { uri: text }, known: resource })),
    directories: byId(object('Directory', { needed: { uri: text }, known: { ...resource, listAs: integer(1) } })),
    links: byId(object('Link', { needed: { uri: text }, known: resource })),
    media: byId(media),
    localizations: byName(byName(() => undefined)),
    anniversaries: byId(anniversary),
    keywords: set,
    notes: byId(note),
    personalInfo: byId(personalInformation),
  },
})
