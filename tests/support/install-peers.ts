// Installs every program of others that the tests talk to. What can't be had is said; the tests that want it then skip aloud.
import { missing, programNames } from './debian.ts'

const reason = await missing(...programNames)
if (reason) process.stdout.write(`${reason}\n`)
