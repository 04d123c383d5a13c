/** The scripts of whoever is logged in. RFC 5804 §2.5-2.12 */
import type { Text } from '#base/text.ts'
import { isScriptRefusal, type ScriptRefusal } from '#mail/scripts.ts'
import type { Command, Peer } from '../command.ts'
import type { Authenticated } from '../session.ts'
import { printString, type ResponseCode } from '../syntax/response.ts'
import { allTooLargeText, texts, tooLargeText } from '../texts.ts'

/** §2.7 */
export const listscripts = {
  states: ['authenticated'],
  async run(_request, { login }, peer) {
    for (const { active, name } of await peer.scripts.list(login.account))
      peer.writeLine(printString(name), active ? ' ACTIVE' : '')
    peer.ok()
    return undefined
  },
} satisfies Command<'listscripts', Authenticated>

/** §2.9 */
export const getscript = {
  states: ['authenticated'],
  async run({ name }, { login }, peer) {
    const script = await peer.scripts.script(login.account, name)
    if (!script) {
      peer.no(texts.noSuchScript, 'NONEXISTENT')
      return undefined
    }
    peer.writeLine(`{${script.length}}\r\n`, script)
    peer.ok()
    return undefined
  },
} satisfies Command<'getscript', Authenticated>

/** §2.5 */
export const havespace = {
  states: ['authenticated'],
  async run({ name, sizeBytes }, { login }, peer) {
    answer(peer, await peer.scripts.haveSpace(login.account, name, sizeBytes))
    return undefined
  },
} satisfies Command<'havespace', Authenticated>

/** §2.6: an invalid script is not kept, and one that it would have replaced stays. */
export const putscript = {
  states: ['authenticated'],
  async run({ name, script }, { login }, peer) {
    answer(peer, await peer.scripts.put(login.account, name, script))
    return undefined
  },
} satisfies Command<'putscript', Authenticated>

/** §2.12 */
export const checkscript = {
  states: ['authenticated'],
  run({ script }, _session, peer) {
    answer(peer, peer.scripts.check(script))
    return undefined
  },
} satisfies Command<'checkscript', Authenticated>

/** §2.8: the empty name makes none active. */
export const setactive = {
  states: ['authenticated'],
  async run({ name }, { login }, peer) {
    answer(peer, await peer.scripts.activate(login.account, name === '' ? undefined : name))
    return undefined
  },
} satisfies Command<'setactive', Authenticated>

/** §2.10 */
export const deletescript = {
  states: ['authenticated'],
  async run({ name }, { login }, peer) {
    answer(peer, await peer.scripts.delete(login.account, name))
    return undefined
  },
} satisfies Command<'deletescript', Authenticated>

/** §2.11: an active script stays active under its new name. */
export const renamescript = {
  states: ['authenticated'],
  async run({ name, to }, { login }, peer) {
    answer(peer, await peer.scripts.rename(login.account, name, to))
    return undefined
  },
} satisfies Command<'renamescript', Authenticated>

function answer(peer: Peer, result: object | ScriptRefusal): void {
  if (!isScriptRefusal(result)) return peer.ok()
  const { code, text } = told(result)
  peer.no(text, code)
}

/** §1.3 */
function told(refusal: ScriptRefusal): { readonly text: Text; readonly code?: ResponseCode } {
  switch (refusal.refused) {
    case 'bad-name':
      return { text: texts.badName }
    case 'no-such-script':
      return { text: texts.noSuchScript, code: 'NONEXISTENT' }
    case 'exists':
      return { text: texts.exists, code: 'ALREADYEXISTS' }
    case 'active':
      return { text: texts.isActive, code: 'ACTIVE' }
    case 'too-many-scripts':
      return { text: texts.tooMany, code: 'QUOTA/MAXSCRIPTS' }
    case 'script-too-large':
      return { text: tooLargeText(refusal.limitBytes), code: 'QUOTA/MAXSIZE' }
    case 'scripts-too-large':
      return { text: allTooLargeText(refusal.limitBytes), code: 'QUOTA' }
    case 'invalid': {
      const lines = (language: keyof Text) =>
        refusal.problems.map(({ column, line, text }) => `${line}:${column}: ${text[language]}`).join('\r\n')
      return { text: { en: lines('en'), ja: lines('ja') } }
    }
    default:
      return refusal satisfies never
  }
}
