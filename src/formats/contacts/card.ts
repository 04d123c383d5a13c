/**
 * A person, a group or an organisation as JSContact has it (RFC 9553): what this program shows and edits is typed, everything else is kept as it came.
 * Cards of others are only promised to be JSON; whoever reads one from elsewhere looks before it trusts.
 */

export type Json = null | boolean | number | string | Json[] | JsonRecord
export type JsonRecord = { [name: string]: Json | undefined }

/** A set, as JSON has it */
export type Flags = { readonly [name: string]: boolean }

/** Ids are 1 to 255 of A-Z a-z 0-9 - _ (§1.4.1) */
export type Table<Value> = { readonly [id: string]: Value }

type Common = {
  /** `private`, `work`, of addresses `billing` and `delivery` (§1.5.1) */
  readonly contexts?: Flags | undefined
  /** 1 (most) to 100 (§1.5.3) */
  readonly pref?: number | undefined
  readonly label?: string | undefined
}

export type NameComponent = {
  /** surname given given2 surname2 title credential generation separator */
  readonly kind: string
  readonly value: string
  readonly phonetic?: string | undefined
}

/** §2.2.1 */
export type Name = {
  readonly full?: string | undefined
  readonly components?: readonly NameComponent[] | undefined
  readonly isOrdered?: boolean | undefined
  readonly defaultSeparator?: string | undefined
  readonly sortAs?: Readonly<Record<string, string>> | undefined
  readonly phoneticScript?: string | undefined
  readonly phoneticSystem?: string | undefined
}

export type Email = Common & { readonly address: string }
export type Phone = Common & { readonly number: string; readonly features?: Flags | undefined }
export type Organization = {
  readonly name?: string | undefined
  readonly units?: readonly { readonly name: string }[] | undefined
}
export type Title = {
  readonly name: string
  readonly kind?: string | undefined
  readonly organizationId?: string | undefined
}

export type AddressComponent = {
  /** postcode region locality district name number block building apartment floor room country separator … (§2.5.1) */
  readonly kind: string
  readonly value: string
}

export type PostalAddress = Common & {
  readonly full?: string | undefined
  readonly components?: readonly AddressComponent[] | undefined
  readonly isOrdered?: boolean | undefined
  readonly defaultSeparator?: string | undefined
  readonly countryCode?: string | undefined
}

/** `year` may be missing (a birthday nobody counts), so may month and day (§2.8.1) */
export type PartialDate = {
  readonly year?: number | undefined
  readonly month?: number | undefined
  readonly day?: number | undefined
}
export type Anniversary = {
  /** birth, death, wedding */
  readonly kind: string
  readonly date: PartialDate | { readonly '@type': 'Timestamp'; readonly utc: string }
}
export type Media = {
  readonly kind: string
  readonly uri?: string | undefined
  readonly mediaType?: string | undefined
}

/** RFC 9553 §2 */
export type Card = {
  readonly '@type'?: 'Card' | undefined
  readonly version?: string | undefined
  readonly uid: string
  /** individual (where it is missing), group, org, location, device, application */
  readonly kind?: string | undefined
  readonly name?: Name | undefined
  readonly nicknames?: Table<{ readonly name: string }> | undefined
  readonly organizations?: Table<Organization> | undefined
  readonly titles?: Table<Title> | undefined
  readonly emails?: Table<Email> | undefined
  readonly phones?: Table<Phone> | undefined
  readonly onlineServices?:
    | Table<Common & { readonly uri?: string; readonly user?: string; readonly service?: string }>
    | undefined
  readonly addresses?: Table<PostalAddress> | undefined
  readonly links?: Table<Common & { readonly uri: string }> | undefined
  readonly media?: Table<Media> | undefined
  readonly anniversaries?: Table<Anniversary> | undefined
  readonly notes?: Table<{ readonly note: string }> | undefined
  readonly keywords?: Flags | undefined
  /** Of a group: the uids of its cards */
  readonly members?: Flags | undefined
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object that inherits nothing: `__proto__` is a name like any other. */
export function record(): JsonRecord {
  return Object.create(null) as JsonRecord
}

/** The member of this name where it is a text that says something. */
export function textOf(value: Json | undefined, name: string): string | undefined {
  const found = isRecord(value) ? value[name] : undefined
  return typeof found === 'string' && found !== '' ? found : undefined
}
