/**
 * `node prove.ts IMAP_PORT USERS LETTERS_EACH COUNTS`: every letter in the mailboxes must show that each check has judged it, and the name server that it was
 * asked; else this fails, and the bench with it.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const [port = '', users = '', each = '', counts = ''] = process.argv.slice(2)
/** What a letter has when the check ran */
const marks: Readonly<Record<string, string>> = {
  spf: 'HEADER Authentication-Results spf=pass',
  dkim: 'HEADER Authentication-Results dkim=pass',
  dmarc: 'HEADER Authentication-Results dmarc=pass',
  iprev: 'HEADER Authentication-Results iprev=pass',
  filter: 'HEADER X-Hikyaku-Junk reason=like-',
  script: 'KEYWORD bench-script',
}
const asked = ['spf', 'dkim', 'dmarc', 'ptr', 'forward', 'deny-list', 'allow-list']

const found: Record<string, number> = { letters: 0 }
for (let user = 1; user <= Number(users); user++) await look(user)
const questions = JSON.parse(readFileSync(counts, 'utf8')) as Readonly<Record<string, number>>
const total = Number(users) * Number(each)
const missing = ['letters', ...Object.keys(marks)].filter(mark => found[mark] !== total)
const unasked = asked.filter(about => !questions[about])
process.stdout.write(`checked=${JSON.stringify(found)} dns=${JSON.stringify(questions)}\n`)
if (missing.length > 0 || unasked.length > 0) {
  process.stderr.write(`of ${total} letters not all have: ${missing.join(' ')}; never asked: ${unasked.join(' ')}\n`)
  process.exitCode = 1
}

async function look(user: number): Promise<void> {
  const socket = connect(Number(port), '127.0.0.1')
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  await lines.next()
  const command = async (text: string) => {
    socket.write(`a ${text}\r\n`)
    const answer: string[] = []
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`closed at ${text}`)
      if (value.startsWith('a ')) {
        if (!value.startsWith('a OK')) throw new Error(`${text}: ${value}`)
        return answer.join('\n')
      }
      answer.push(value)
    }
  }
  const count = async (criteria: string) => {
    const answer = await command(`SEARCH RETURN (COUNT) ${criteria}`)
    return Number(/COUNT (\d+)/.exec(answer)?.[1] ?? 0)
  }
  await command(`LOGIN u${user}@example.test secret`)
  await command('SELECT INBOX')
  found['letters'] = (found['letters'] ?? 0) + (await count('ALL'))
  for (const [mark, criteria] of Object.entries(marks)) found[mark] = (found[mark] ?? 0) + (await count(criteria))
  socket.end('a LOGOUT\r\n')
}
