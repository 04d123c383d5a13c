/** Tests that look at variables, the account, and what surrounds the script. */
import { checkFieldName, matchOf, matchTags } from './common-tags.ts'
import type { TestRule } from './rules.ts'

const string: TestRule = {
  extension: 'variables',
  tags: matchTags,
  positional: ['strings', 'strings'],
  read: bound => {
    const keys = bound.strings(1)
    return { kind: 'string', sources: bound.strings(0), keys, match: matchOf(bound, keys) }
  },
}

/** RFC 5232 §4 */
const hasflag: TestRule = {
  extension: 'imap4flags',
  tags: matchTags,
  positional: ['strings?', 'strings'],
  read: bound => {
    const keys = bound.strings(1)
    const test = { kind: 'hasflag', keys, match: matchOf(bound, keys) } as const
    if (!bound.given(0)) return test
    bound.checker.need(bound.placeOfValue(0), 'hasflag', 'variables')
    return { ...test, variables: bound.strings(0) }
  },
}

/** RFC 7352 §3: a week by default */
const duplicate: TestRule = {
  extension: 'duplicate',
  tags: {
    handle: { value: 'string' },
    header: { value: 'string', group: 'id' },
    uniqueid: { value: 'string', group: 'id' },
    seconds: { value: 'number' },
    last: {},
  },
  read: bound => {
    const field = bound.tagString('header')
    if (field !== undefined) checkFieldName(bound, 0, field)
    const text = bound.tagString('uniqueid')
    return {
      kind: 'duplicate',
      handle: bound.tagString('handle') ?? '',
      id: text === undefined ? { field: field ?? 'Message-ID' } : { text },
      seconds: bound.tagNumber('seconds') ?? 7 * 86_400,
      last: bound.has('last'),
    }
  },
}

const environment: TestRule = {
  extension: 'environment',
  tags: matchTags,
  positional: ['string', 'strings'],
  read: bound => {
    const keys = bound.strings(1)
    return { kind: 'environment', item: bound.string(0), keys, match: matchOf(bound, keys) }
  },
}

/** RFC 5463 §4: what is named here may be used from here on. Whether it is there is known now. */
const ihave: TestRule = {
  extension: 'ihave',
  positional: ['strings'],
  read: bound => {
    const names = bound.constants(0, 'ihave')
    const { checker } = bound
    for (const name of names) for (const known of checker.offered) if (known === name) checker.extensions.add(known)
    return { kind: 'ihave', names }
  },
}

const mailboxexists: TestRule = {
  extension: 'mailbox',
  positional: ['strings'],
  read: bound => ({ kind: 'mailboxexists', names: bound.strings(0) }),
}

const mailboxidexists: TestRule = {
  extension: 'mailboxid',
  positional: ['strings'],
  read: bound => ({ kind: 'mailboxidexists', ids: bound.strings(0) }),
}

const specialuseExists: TestRule = {
  extension: 'special-use',
  positional: ['string?', 'strings'],
  read: bound => ({
    kind: 'specialuseexists',
    uses: bound.strings(1),
    ...(bound.given(0) && { mailbox: bound.string(0) }),
  }),
}

function metadataTest(extension: 'mboxmetadata' | 'servermetadata'): TestRule {
  const first = extension === 'mboxmetadata' ? 1 : 0
  return {
    extension,
    tags: matchTags,
    positional: first === 1 ? ['string', 'string', 'strings'] : ['string', 'strings'],
    read: bound => {
      const keys = bound.strings(first + 1)
      const mailbox = first === 1 ? bound.string(0) : undefined
      return { kind: 'metadata', mailbox, entry: bound.string(first), keys, match: matchOf(bound, keys) }
    },
  }
}

function metadataExistsTest(extension: 'mboxmetadata' | 'servermetadata'): TestRule {
  const first = extension === 'mboxmetadata' ? 1 : 0
  return {
    extension,
    positional: first === 1 ? ['string', 'strings'] : ['strings'],
    read: bound => ({
      kind: 'metadataexists',
      mailbox: first === 1 ? bound.string(0) : undefined,
      entries: bound.strings(first),
    }),
  }
}

const validNotifyMethod: TestRule = {
  extension: 'enotify',
  positional: ['strings'],
  read: bound => ({ kind: 'validnotifymethod', uris: bound.strings(0) }),
}

const notifyMethodCapability: TestRule = {
  extension: 'enotify',
  tags: matchTags,
  positional: ['string', 'string', 'strings'],
  read: bound => {
    const keys = bound.strings(2)
    const match = matchOf(bound, keys)
    return { kind: 'notifymethodcapability', uri: bound.string(0), capability: bound.string(1), keys, match }
  },
}

const validExtList: TestRule = {
  extension: 'extlists',
  positional: ['strings'],
  read: bound => ({ kind: 'validextlist', names: bound.strings(0) }),
}

const constant = (value: boolean): TestRule => ({ read: () => ({ kind: 'constant', value }) })

export const otherTests: Readonly<Record<string, TestRule>> = {
  true: constant(true),
  false: constant(false),
  string,
  hasflag,
  duplicate,
  environment,
  ihave,
  mailboxexists,
  mailboxidexists,
  specialuse_exists: specialuseExists,
  metadata: metadataTest('mboxmetadata'),
  metadataexists: metadataExistsTest('mboxmetadata'),
  servermetadata: metadataTest('servermetadata'),
  servermetadataexists: metadataExistsTest('servermetadata'),
  valid_notify_method: validNotifyMethod,
  notify_method_capability: notifyMethodCapability,
  valid_ext_list: validExtList,
}
