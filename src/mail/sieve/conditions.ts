/** Tests. RFC 5228 §5 and its extensions; each `case` names what decides there. */
import { extensions } from '#formats/sieve/extensions.ts'
import type { Condition } from '#formats/sieve/program.ts'
import { isDuplicate } from './duplicate.ts'
import { envelopeValues } from './envelope-test.ts'
import { environmentItem } from './environment.ts'
import { SieveFault } from './fault.ts'
import { datePart, dateIn, readZone } from './dates.ts'
import { addressTexts, fieldText, mimeTexts, selectFields } from './fields.ts'
import { currentFlags, splitFlags } from './flags.ts'
import { rawValue } from './letter.ts'
import { existingMailbox, mailboxRole } from './mailboxes.ts'
import { isNotifyUri, notifyCapability } from './notify.ts'
import { contentTexts, rawBody, readableTexts } from './part-text.ts'
import type { Run } from './run.ts'
import { expand, expandAll, fullListName, matchValues } from './values.ts'

type Kind<K extends Condition['kind']> = Extract<Condition, { kind: K }>

const offered: ReadonlySet<string> = new Set(extensions)

export async function evaluate(run: Run, test: Condition): Promise<boolean> {
  run.budget.spend(1)
  if (isOfKind(test, messageKinds)) return testMessage(run, test)
  if (isOfKind(test, surroundingsKinds)) return testSurroundings(run, test)
  switch (test.kind) {
    case 'constant':
      return test.value
    case 'not':
      return !(await evaluate(run, test.test))
    case 'allof':
      for (const inner of test.tests) if (!(await evaluate(run, inner))) return false
      return true
    case 'anyof':
      for (const inner of test.tests) if (await evaluate(run, inner)) return true
      return false
    case 'fault':
      throw new SieveFault(test.problem.text, test.problem)
    case 'string':
      return matchValues(run, test.match, stringSources(run, test), test.keys)
    case 'currentdate':
      return matchValues(run, test.match, currentDateValues(run, test), test.keys)
    case 'hasflag':
      return testFlags(run, test)
    case 'duplicate':
      return isDuplicate(run, test)
    case 'environment': {
      const value = environmentItem(run, expand(run, test.item).toLowerCase())
      return value !== undefined && matchValues(run, test.match, [value], test.keys)
    }
    case 'ihave':
      return test.names.every(name => offered.has(name))
    case 'spamtest':
      return matchValues(run, test.match, tested(run, test, spamValue(run, test.percent)), [test.key])
    case 'virustest':
      return matchValues(run, test.match, tested(run, test, String(run.message.content?.virustest ?? 0)), [test.key])
  }
}

function isOfKind<K extends Condition['kind']>(test: Condition, kinds: readonly K[]): test is Kind<K> {
  return kinds.some(kind => kind === test.kind)
}

const messageKinds = ['header', 'address', 'exists', 'size', 'body', 'date', 'envelope'] as const
type MessageTest = Kind<(typeof messageKinds)[number]>

async function testMessage(run: Run, test: MessageTest): Promise<boolean> {
  switch (test.kind) {
    case 'header':
      return matchValues(run, test.match, headerValues(run, test), test.keys)
    case 'address': {
      const values = selectFields(run, test).flatMap(field => addressTexts(run, field, test.part))
      return matchValues(run, test.match, values, test.keys)
    }
    case 'envelope':
      return matchValues(run, test.match, envelopeValues(run, expandAll(run, test.parts), test.part), test.keys)
    case 'exists':
      return test.names.every(name => selectFields(run, { ...test, names: [name] }).length > 0)
    case 'size': {
      // as it came: what the script changed does not count
      const size = run.message.message.sizeBytes
      return test.over ? size > test.limit : size < test.limit
    }
    case 'body':
      return matchValues(run, test.match, bodyValues(run, test), test.keys, true)
    case 'date':
      return matchValues(run, test.match, dateValues(run, test), test.keys)
  }
}

function headerValues(run: Run, test: Kind<'header'>): string[] {
  const option = test.mime?.option
  return selectFields(run, test).flatMap(field => (option ? mimeTexts(run, field, option) : [fieldText(run, field)]))
}

function bodyValues(run: Run, { transform }: Kind<'body'>): readonly string[] {
  if (run.parts.length === 0) run.letter.settle()
  const types = typeof transform === 'object' ? expandAll(run, transform.content) : []
  const key = JSON.stringify([run.letter.content.version, transform, types])
  const known = run.bodyTexts.get(key)
  if (known) return known
  const texts =
    transform === 'raw' ? rawBody(run) : transform === 'text' ? readableTexts(run) : contentTexts(run, types)
  // what has been edited away is asked for no more
  if (run.bodyTexts.size >= maxKeptTexts) run.bodyTexts.clear()
  run.bodyTexts.set(key, texts)
  return texts
}

const maxKeptTexts = 8

/** RFC 5260 §4: the first field, or the one that :index names; no date, no match */
function dateValues(run: Run, test: Kind<'date'>): string[] {
  const [field] = selectFields(run, { ...test, names: [test.field] })
  const found = field && dateIn(rawValue(field))
  if (!found) return []
  const zone = zoneFor(run, test.zone, found.ms, found.zone)
  const value = zone === undefined ? undefined : datePart(found.ms, zone, expand(run, test.part))
  return value === undefined ? [] : [value]
}

function zoneFor(run: Run, zone: Kind<'date'>['zone'], at: number, own: number): number | undefined {
  if (zone === undefined) return run.ports.environment.zoneMinutes(at)
  if (typeof zone === 'object' && 'kept' in zone) return own
  return readZone(expand(run, zone))
}

function currentDateValues(run: Run, test: Kind<'currentdate'>): string[] {
  const now = run.now
  const zone = zoneFor(run, test.zone, now, 0)
  const value = zone === undefined ? undefined : datePart(now, zone, expand(run, test.part))
  return value === undefined ? [] : [value]
}

const surroundingsKinds = [
  'mailboxexists',
  'mailboxidexists',
  'specialuseexists',
  'metadata',
  'metadataexists',
  'validnotifymethod',
  'notifymethodcapability',
  'validextlist',
] as const
type SurroundingsTest = Kind<(typeof surroundingsKinds)[number]>

async function testSurroundings(run: Run, test: SurroundingsTest): Promise<boolean> {
  const { account } = run
  switch (test.kind) {
    case 'mailboxexists':
      return all(expandAll(run, test.names), async name => (await existingMailbox(run, name)) !== undefined)
    case 'mailboxidexists':
      return all(expandAll(run, test.ids), async id => (await account.mailboxById(id)) !== undefined)
    case 'specialuseexists':
      return testSpecialUse(run, test)
    case 'metadata': {
      const mailbox = test.mailbox === undefined ? '' : expand(run, test.mailbox)
      const value = await account.metadata(mailbox, expand(run, test.entry))
      return value !== undefined && matchValues(run, test.match, [value], test.keys)
    }
    case 'metadataexists': {
      const mailbox = test.mailbox === undefined ? '' : expand(run, test.mailbox)
      for (const entry of expandAll(run, test.entries))
        if ((await account.metadata(mailbox, entry)) === undefined) return false
      return true
    }
    case 'validnotifymethod':
      return expandAll(run, test.uris).every(isNotifyUri)
    case 'notifymethodcapability': {
      const value = notifyCapability(expand(run, test.uri), expand(run, test.capability))
      return value !== undefined && matchValues(run, test.match, [value], test.keys)
    }
    case 'validextlist':
      for (const name of expandAll(run, test.names))
        if (!(await run.ports.lists.exists(run.message.account, fullListName(name)))) return false
      return true
  }
}

/** RFC 5229 §5: for `:count` the empty strings do not count. */
function stringSources(run: Run, test: Kind<'string'>): string[] {
  const values = expandAll(run, test.sources)
  return test.match.type === 'count' ? values.filter(value => value !== '') : values
}

/** RFC 5232 §4 */
function testFlags(run: Run, test: Kind<'hasflag'>): Promise<boolean> {
  const flags = currentFlags(run, test.variables && expandAll(run, test.variables))
  const keys = test.match.type === 'count' ? test.keys : expandAll(run, test.keys).flatMap(key => splitFlags(key))
  return matchValues(run, test.match, flags, keys)
}

async function all<Value>(values: readonly Value[], holds: (value: Value) => Promise<boolean>): Promise<boolean> {
  for (const value of values) if (!(await holds(value))) return false
  return true
}

/** RFC 8579 §3: a mailbox with all of these uses, or the named one has them */
async function testSpecialUse(run: Run, test: Kind<'specialuseexists'>): Promise<boolean> {
  const roles = expandAll(run, test.uses).map(mailboxRole)
  if (test.mailbox === undefined)
    return all(roles, async role => role !== undefined && (await run.account.mailboxByRole(role)) !== undefined)
  const mailbox = await existingMailbox(run, expand(run, test.mailbox))
  return mailbox !== undefined && roles.every(role => role !== undefined && mailbox.role === role)
}

/** RFC 5235 §2.2: `:count` gives 0 for what has not been tested, else 1. */
function tested(run: Run, { kind, match }: Kind<'spamtest' | 'virustest'>, value: string): string[] {
  return match.type === 'count' && !run.message.content?.[kind] ? [] : [value]
}

/** RFC 5235 §2: 0 is not tested, 1 surely no spam, 10 surely spam; of 100 with :percent */
function spamValue(run: Run, percent: boolean): string {
  const spamtest = run.message.content?.spamtest ?? 0
  if (!percent) return String(spamtest)
  return String(spamtest === 0 ? 0 : Math.round(((spamtest - 1) * 100) / 9))
}
