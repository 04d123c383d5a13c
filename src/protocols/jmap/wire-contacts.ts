/**
 * The types of JMAP for Contacts (RFC 9610) as they go over the wire, shared with the browser: types of wire.ts are all that is imported, and
 * nothing runs but constants. A ContactCard is a Card of JSContact (RFC 9553; sections here are its own where no RFC is named).
 */
import type { Id, JsonObject, UnsignedInt, UtcDate } from './wire.ts'

export const contactsCapability = 'urn:ietf:params:jmap:contacts'

/** Of an account. RFC 9610 §1.4.1 */
export type ContactsCapability = {
  readonly maxAddressBooksPerCard: UnsignedInt | null
  readonly mayCreateAddressBook: boolean
}

/** RFC 9610 §2 */
export type AddressBookRights = {
  readonly mayRead: boolean
  readonly mayWrite: boolean
  readonly mayShare: boolean
  readonly mayDelete: boolean
}

/** RFC 9610 §2 */
export type AddressBook = {
  readonly id: Id
  /** 1 to 255 octets */
  readonly name: string
  readonly description: string | null
  /** Below 2³¹ */
  readonly sortOrder: UnsignedInt
  /** Set by the server, and by onSuccessSetIsDefault: exactly one of an account */
  readonly isDefault: boolean
  readonly isSubscribed: boolean
  /** Nothing is shared yet: null */
  readonly shareWith: { readonly [principalId: Id]: AddressBookRights } | null
  readonly myRights: AddressBookRights
}

/** Arguments of AddressBook/set besides those of RFC 8620 §5.3. RFC 9610 §2.3 */
export type AddressBookSetArguments = {
  /** Else a book that has cards is not destroyed: addressBookHasContents */
  readonly onDestroyRemoveContents?: boolean
  /** `#creationId` too */
  readonly onSuccessSetIsDefault?: Id | null
}

/** `private`, `work`; of addresses `billing` and `delivery` too. §1.5.1 */
export type Contexts = { readonly [context: string]: true }
/** 1 (the most preferred) to 100. §1.5.4 */
export type Preference = number
type Told = { readonly contexts?: Contexts; readonly pref?: Preference }
type Labelled = Told & { readonly label?: string }

/** §2.2.1.2 */
export type NameComponent = {
  readonly '@type'?: 'NameComponent'
  /** title | given | given2 | surname | surname2 | generation | credential | separator, or one that is not known */
  readonly kind: string
  readonly value: string
  /** How it is read: よみがな */
  readonly phonetic?: string
}
type Phonetic = { readonly phoneticSystem?: string; readonly phoneticScript?: string }

/** §2.2.1.1. `components` or `full` is there; `sortAs` is by kind of component */
export type Name = Phonetic & {
  readonly '@type'?: 'Name'
  readonly components?: readonly NameComponent[]
  readonly isOrdered?: boolean
  readonly defaultSeparator?: string
  readonly full?: string
  readonly sortAs?: { readonly [kind: string]: string }
}
export type Nickname = Told & { readonly '@type'?: 'Nickname'; readonly name: string }
export type OrganizationUnit = { readonly '@type'?: 'OrgUnit'; readonly name: string; readonly sortAs?: string }
/** §2.2.3. `name` or `units` is there */
export type Organization = {
  readonly '@type'?: 'Organization'
  readonly name?: string
  readonly units?: readonly OrganizationUnit[]
  readonly sortAs?: string
  readonly contexts?: Contexts
}
/** §2.2.5. `organizationId`: key in organizations */
export type Title = {
  readonly '@type'?: 'Title'
  readonly name: string
  /** title (when absent) | role */
  readonly kind?: string
  readonly organizationId?: Id
}

/** §2.3.1 */
export type ContactEmailAddress = Labelled & { readonly '@type'?: 'EmailAddress'; readonly address: string }
/** §2.3.3. `features`: mobile, voice (when absent), text, video, main-number, textphone, fax, pager */
export type Phone = Labelled & {
  readonly '@type'?: 'Phone'
  readonly number: string
  readonly features?: { readonly [feature: string]: true }
}
/** §2.3.2. `uri` or `user` is there */
export type OnlineService = Labelled & {
  readonly '@type'?: 'OnlineService'
  readonly service?: string
  readonly uri?: string
  readonly user?: string
}
/** §2.3.4 */
export type LanguagePreference = Told & { readonly '@type'?: 'LanguagePref'; readonly language: string }

/** §2.5.1.2 */
export type AddressComponent = {
  readonly '@type'?: 'AddressComponent'
  /** postcode | country | region | locality | district | block | name | number | building | floor | … | separator */
  readonly kind: string
  readonly value: string
  readonly phonetic?: string
}
/** §2.5.1.1 */
export type PostalAddress = Phonetic &
  Told & {
    readonly '@type'?: 'Address'
    readonly components?: readonly AddressComponent[]
    readonly isOrdered?: boolean
    readonly defaultSeparator?: string
    readonly full?: string
    /** ISO 3166-1 alpha-2 */
    readonly countryCode?: string
    /** geo: URI */
    readonly coordinates?: string
    readonly timeZone?: string
  }

/** §1.4.4 */
type Resource = Labelled & { readonly uri: string; readonly mediaType?: string; readonly kind?: string }
export type Link = Resource & { readonly '@type'?: 'Link' }
/**
 * §2.6.4 and RFC 9610 §3. What is kept here (a `data:` URI) is told as `blobId` with `mediaType`, without `uri`; either may be given.
 * `kind`: photo | sound | logo
 */
export type ContactMedia = Labelled & {
  readonly '@type'?: 'Media'
  readonly kind: string
  readonly uri?: string
  readonly blobId?: Id
  readonly mediaType?: string
}

/** §2.8.1 */
export type PartialDate = {
  readonly '@type'?: 'PartialDate'
  readonly year?: UnsignedInt
  readonly month?: UnsignedInt
  readonly day?: UnsignedInt
  readonly calendarScale?: string
}
export type Timestamp = { readonly '@type': 'Timestamp'; readonly utc: UtcDate }
export type Anniversary = {
  readonly '@type'?: 'Anniversary'
  /** birth | death | wedding */
  readonly kind: string
  readonly date: PartialDate | Timestamp
  readonly place?: PostalAddress
  readonly contexts?: Contexts
}
/** §2.8.3 */
export type Note = {
  readonly '@type'?: 'Note'
  readonly note: string
  readonly created?: UtcDate
  readonly author?: { readonly '@type'?: 'Author'; readonly name?: string; readonly uri?: string }
}
/** §2.8.4 */
export type PersonalInformation = {
  readonly '@type'?: 'PersonalInfo'
  /** expertise | hobby | interest */
  readonly kind: string
  readonly value: string
  readonly level?: string
  readonly listAs?: UnsignedInt
  readonly label?: string
}

type Several<Value> = { readonly [id: Id]: Value }

/** RFC 9610 §3: a Card with `id` and `addressBookIds`. Properties that are not known here are kept too (§1.7). */
export type ContactCard = {
  readonly id: Id
  /** At least one */
  readonly addressBookIds: { readonly [addressBookId: Id]: true }
  readonly '@type': 'Card'
  readonly version: '1.0'
  /** Made by the server when none is given; no two cards of an account have the same */
  readonly uid: string
  /** individual (when absent) | group | org | location | device | application */
  readonly kind?: string
  /** uids of the members of a group; they need not exist */
  readonly members?: { readonly [uid: string]: true }
  readonly created?: UtcDate
  readonly updated?: UtcDate
  readonly language?: string
  readonly prodId?: string
  readonly relatedTo?: { readonly [uid: string]: { readonly relation?: { readonly [relation: string]: true } } }
  readonly name?: Name
  readonly nicknames?: Several<Nickname>
  readonly organizations?: Several<Organization>
  readonly titles?: Several<Title>
  readonly speakToAs?: JsonObject
  readonly emails?: Several<ContactEmailAddress>
  readonly phones?: Several<Phone>
  readonly onlineServices?: Several<OnlineService>
  readonly preferredLanguages?: Several<LanguagePreference>
  readonly addresses?: Several<PostalAddress>
  readonly media?: Several<ContactMedia>
  readonly links?: Several<Link>
  readonly directories?: Several<Resource & { readonly listAs?: UnsignedInt }>
  readonly calendars?: Several<Resource>
  readonly schedulingAddresses?: Several<Labelled & { readonly uri: string }>
  readonly cryptoKeys?: Several<Resource>
  readonly anniversaries?: Several<Anniversary>
  readonly notes?: Several<Note>
  readonly personalInfo?: Several<PersonalInformation>
  readonly keywords?: { readonly [keyword: string]: true }
  /** Patches by language tag */
  readonly localizations?: { readonly [language: string]: JsonObject }
}

/** RFC 9610 §3.3.1; the texts are looked for as a search does it: whatever their width, case and kana */
export type ContactCardCondition = {
  readonly inAddressBook?: Id
  readonly uid?: string
  /** uid of a member */
  readonly hasMember?: string
  readonly kind?: string
  readonly createdBefore?: UtcDate
  readonly createdAfter?: UtcDate
  readonly updatedBefore?: UtcDate
  readonly updatedAfter?: UtcDate
  /** Anywhere in the card */
  readonly text?: string
  readonly name?: string
  readonly 'name/given'?: string
  readonly 'name/surname'?: string
  readonly 'name/surname2'?: string
  readonly nickname?: string
  readonly organization?: string
  readonly email?: string
  readonly phone?: string
  readonly onlineService?: string
  readonly address?: string
  readonly note?: string
}
export type ContactCardFilter =
  | ContactCardCondition
  | { readonly operator: 'AND' | 'OR' | 'NOT'; readonly conditions: readonly ContactCardFilter[] }

/** RFC 9610 §3.3.2 */
export const contactCardSorts = ['created', 'updated', 'name/given', 'name/surname', 'name/surname2'] as const
export type ContactCardComparator = {
  readonly property: (typeof contactCardSorts)[number]
  /** true when absent */
  readonly isAscending?: boolean
}
