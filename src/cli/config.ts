import { say } from '#base/text.ts'
import { jsonSchema } from '#config/json-schema.ts'
import { loadConfig } from '#config/load.ts'
import type { Config } from '#config/schema.ts'
import { type FileProblem, printFileProblem, readAdministrator } from '#mail/sieve/administrator.ts'
import { effectiveConfig, printConfig } from '#config/show.ts'
import { configFileOf, configOf, printJson, printProblems } from './administer.ts'
import type { Call, Command } from './command.ts'
import { nginxBlock } from './nginx-block.ts'
import { type ExitCode, exitCodes } from './terminal.ts'

export const config: Command = {
  name: 'config',
  text: { en: 'the configuration file', ja: '設定ファイル' },
  subcommands: [
    {
      name: 'check',
      text: { en: 'say every problem, with its place', ja: '問題をすべて、場所とともに示す' },
      run: check,
    },
    {
      name: 'show',
      text: { en: 'the configuration in effect, secrets masked', ja: '有効な設定(秘密は伏せる)' },
      options: [
        { flags: '--effective', text: { en: 'with all defaults (always so)', ja: '既定値も含める(常に含みます)' } },
      ],
      run: call => {
        const loaded = configOf(call)
        if (!loaded) return Promise.resolve(exitCodes.badConfig)
        if (call.json) printJson(call.terminal, { source: loaded.source, effective: effectiveConfig(loaded) })
        else call.terminal.out(`# ${loaded.source.path} (sha256 ${loaded.source.sha256})\n${printConfig(loaded)}`)
        return Promise.resolve(exitCodes.well)
      },
    },
    {
      name: 'nginx',
      text: {
        en: 'the server block for an Nginx in front of the webmail, and what our own file needs for it',
        ja: 'ウェブメールの前に置くNginxのserverブロックと、こちらの設定に必要な行',
      },
      run: call => {
        const loaded = configOf(call)
        if (!loaded) return Promise.resolve(exitCodes.badConfig)
        call.terminal.out(nginxBlock(loaded, call.terminal.language))
        return Promise.resolve(exitCodes.well)
      },
    },
    {
      name: 'schema',
      text: { en: 'the JSON Schema of the file, for editors', ja: '設定ファイルのJSON Schema(エディター用)' },
      run: call => {
        call.terminal.out(`${JSON.stringify(jsonSchema(), undefined, call.json ? undefined : 2)}\n`)
        return Promise.resolve(exitCodes.well)
      },
    },
  ],
}

async function check(call: Call): Promise<ExitCode> {
  const { terminal } = call
  const file = configFileOf(call)
  const loaded = loadConfig(file, terminal.env)
  const problems = 'problems' in loaded ? loaded.problems : loaded.warnings
  const scripts = 'config' in loaded ? await problemsOfScripts(loaded.config) : []
  if (call.json) printJson(terminal, { file, runs: 'config' in loaded, problems, scripts })
  else {
    printProblems(terminal, problems)
    for (const problem of scripts) terminal.err(`${printFileProblem(problem, terminal.language)}\n`)
    if ('config' in loaded)
      terminal.out(`${say({ en: `${file}: can run`, ja: `${file}: 動かせます` }, terminal.language)}\n`)
  }
  if ('problems' in loaded) return exitCodes.badConfig
  return problems.length + scripts.length > 0 ? exitCodes.refused : exitCodes.well
}

/** A broken script of the administrator keeps nothing from starting: it is passed over. */
async function problemsOfScripts({ home, role }: Config): Promise<readonly FileProblem[]> {
  return role.includes('home') ? (await readAdministrator(home.sieve)).problems : []
}
