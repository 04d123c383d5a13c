import { languageOfArguments, runCommandLine } from './cli/program.ts'
import { processTerminal } from './cli/process-terminal.ts'

// What this program writes is its owner's alone: mail, keys, logs, sockets.
process.umask(0o077)
const argv = process.argv.slice(2)
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
const terminal = processTerminal(languageOfArguments(argv, process.env), stop.signal)
process.exitCode = await runCommandLine(argv, terminal)
