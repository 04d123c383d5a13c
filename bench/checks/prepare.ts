/**
 * `mb genletters … | node prepare.ts CONFIG`: what a home has that has been up for months. Each user's filter has learnt from letters of
 * both kinds, and each user has a script.
 */
import { buffer } from 'node:stream/consumers'
import { connectAdmin } from '#cli/admin-client.ts'
import { loadConfig } from '#config/load.ts'

const [configFile = ''] = process.argv.slice(2)
const users = 100
const lettersEach = 40
const keyword = 'bench-script'

/** As people have them: a list, a sender, the filter's verdict, and a mark by which the bench sees that it ran. */
const script = `require ["fileinto", "imap4flags", "mailbox", "variables", "envelope", "spamtest", "relational", "comparator-i;ascii-numeric"];
if header :contains "List-Id" ["announce.example.net", "devel.example.org"] { fileinto :create "Lists"; stop; }
if envelope :domain :is "from" "alerts.example.com" { fileinto :create "Alerts"; stop; }
if allof (header :matches "Subject" "[*] *", address :domain :is "from" "example.org") { set "project" "\${1}"; fileinto :create "Projects"; stop; }
if spamtest :value "ge" :comparator "i;ascii-numeric" "8" { fileinto "Junk"; stop; }
addflag "${keyword}";
keep;
`

const loaded = loadConfig(configFile, process.env)
if (!('config' in loaded)) throw new Error(JSON.stringify(loaded))
await using admin = await connectAdmin(loaded.config)
const ham = lettersIn(await buffer(process.stdin))
const junk = ham.map(letter => Buffer.from(letter.toString('latin1').replaceAll(/[a-z]{4,}/g, asJunk), 'latin1'))
for (let user = 1; user <= users; user++) {
  const address = `u${user}@example.test`
  for (let n = 0; n < lettersEach; n++) {
    await call('junk.train', { address, junk: false, message: nth(ham, user, n) })
    await call('junk.train', { address, junk: true, message: nth(junk, user, n) })
  }
  await call('sieve.put', { address, name: 'main', text: script })
  await call('sieve.activate', { address, name: 'main' })
}

async function call(operation: string, input: object): Promise<void> {
  const answer = await admin.call(operation, input)
  if ('refused' in answer) throw new Error(`${operation}: ${JSON.stringify(answer)}`)
}

function nth(letters: readonly Buffer[], user: number, n: number): string {
  const letter = letters[(user * 7 + n) % letters.length]
  if (!letter) throw new Error('There are no letters to learn from')
  return letter.toString('base64')
}

/** Half of the words are others, half the same: a filter that has seen both is unsure of some. */
function asJunk(word: string, at: number): string {
  return at % 2 === 0 ? word : `${word}${'xyz'[word.length % 3]}`
}

function lettersIn(input: Buffer): Buffer[] {
  const letters: Buffer[] = []
  for (let at = 0; at < input.length; ) {
    const lineEnd = input.indexOf(10, at)
    const end = lineEnd + 1 + Number(input.toString('latin1', at, lineEnd).split(' ')[2])
    letters.push(input.subarray(lineEnd + 1, end))
    at = end
  }
  return letters
}
