import { say } from '#base/text.ts'
import type { AccountLag } from '#roles/admin-search.ts'
import { administer } from './administer.ts'
import type { Command } from './command.ts'
import { done } from './domain.ts'
import type { Terminal } from './terminal.ts'

const address = { name: 'address', text: { en: 'the user’s full address', ja: '利用者のアドレス(@を含む)' } }

export const search: Command = {
  name: 'search',
  text: { en: 'the search index of a user', ja: '利用者の検索索引' },
  subcommands: [
    {
      name: 'status',
      text: { en: 'how far it is behind the mail', ja: '索引待ちの数' },
      arguments: [address],
      run: call => administer<AccountLag>(call, 'search.status', { address: call.args[0] }, printLag),
    },
    {
      name: 'rebuild',
      text: {
        en: 'throw it away and build it anew; searches go on, slower meanwhile',
        ja: '索引を捨てて作り直す(その間も検索でき、遅くなるだけ)',
      },
      arguments: [address],
      run: call => administer(call, 'search.rebuild', { address: call.args[0] }, done(call)),
    },
  ],
}

function printLag({ emails, documents }: AccountLag, terminal: Terminal): void {
  const text = {
    en: `${emails} letters are not indexed yet (searches read them), attached documents of ${documents} letters not read yet`,
    ja: `索引待ち ${emails}通(検索では直接読みます)、添付文書の読み取り待ち ${documents}通`,
  }
  terminal.out(`${say(text, terminal.language)}\n`)
}
