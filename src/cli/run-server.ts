/** `hikyaku serve`: the server until a signal ends it. */
import { createLog, type LevelLog } from '#base/log.ts'
import { loadConfig } from '#config/load.ts'
import { printProblem } from '#config/problem.ts'
import type { Config } from '#config/schema.ts'
import { startAdmin } from '#roles/admin.ts'
import { reload } from '#roles/reload.ts'
import { type RunningRoles, startRoles } from '#roles/start.ts'
import { configFileOf, configOf } from './administer.ts'
import type { Call } from './command.ts'
import { type ExitCode, exitCodes } from './terminal.ts'

export async function runServer(call: Call): Promise<ExitCode> {
  const config = configOf(call)
  if (!config) return exitCodes.badConfig
  const { source } = config
  const log = createLog({ level: config.log.level, fields: { role: config.role.join('+') } })
  call.terminal.err(`config used: ${source.path} (sha256 ${source.sha256})\n`)
  log.info('Starting', { config: source.path, sha256: source.sha256, pid: process.pid })
  await runUntilStopped(call, config, log)
  log.info('Stopped')
  return exitCodes.well
}

async function runUntilStopped(call: Call, config: Config, log: LevelLog): Promise<void> {
  const { signal } = call.terminal
  await using running = await startRoles(config, log)
  await using _admin = await startAdmin(running, log)
  let reading = Promise.resolve()
  const onHangup = () => {
    reading = reading.then(() => readAgain(call, running, log))
  }
  process.on('SIGHUP', onHangup)
  log.info('Ready', {
    listeners: running.listeners.map(({ service, address, port }) => `${service} ${address}:${port}`),
  })
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  process.off('SIGHUP', onHangup)
  log.info('Stopping')
}

/** Reads the file again. One with errors changes nothing; what waits for a restart is named. */
async function readAgain(call: Call, running: RunningRoles, log: LevelLog): Promise<void> {
  const loaded = loadConfig(configFileOf(call), call.terminal.env)
  if ('problems' in loaded) {
    const problems = loaded.problems.map(problem => printProblem(problem, 'en'))
    log.error('The configuration has errors; the old one is kept', { problems })
    return
  }
  try {
    const outcome = await reload(running, loaded.config)
    log.info('The configuration was read again', { sha256: loaded.config.source.sha256, ...outcome })
  } catch (error) {
    log.error('The configuration could not take effect; the old one is kept', { error: String(error) })
  }
}
