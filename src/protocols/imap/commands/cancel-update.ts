import { mailboxSelected, type Command } from '../command.ts'
import { bad, ok } from '../reply.ts'

/** CANCELUPDATE: all of the searches named are followed no longer, or, when one of them is not known, none is. RFC 5267 §4.3.5 */
export const cancelUpdate = {
  name: 'CANCELUPDATE',
  states: mailboxSelected,
  run({ tags }, { selected }) {
    if (!tags.every(tag => selected.contexts.has(tag))) return bad('No search of that tag is followed')
    for (const tag of tags) selected.contexts.delete(tag)
    return ok('No further updates')
  },
} satisfies Command<'CANCELUPDATE', 'selected'>
