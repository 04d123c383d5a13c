/** `node name-server.ts PORT KEYS COUNTS`: answers for the bench's senders on 127.0.0.1, and keeps count of the questions in a file. */
import { renameSync, writeFileSync } from 'node:fs'
import { startNameServer } from '#demo/internet/name-server.ts'
import type { ZoneRecord } from '#demo/internet/zone.ts'
import { aboutOf, recordsOf } from './world.ts'

const [port = '', keys = '', file = ''] = process.argv.slice(2)
const questions: Record<string, number> = {}
let told = ''

class Counted extends Map<string, readonly ZoneRecord[]> {
  override get(name: string): readonly ZoneRecord[] | undefined {
    const about = aboutOf(name)
    questions[about] = (questions[about] ?? 0) + 1
    return super.get(name)
  }
}

await startNameServer({ port: Number(port), zone: new Counted(recordsOf(keys)) })
tell()
setInterval(tell, 300)

function tell(): void {
  const now = JSON.stringify(questions)
  if (now === told) return
  told = now
  writeFileSync(`${file}.new`, now)
  renameSync(`${file}.new`, file)
}
