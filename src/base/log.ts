import { pino } from 'pino'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace'
export type LogFields = Readonly<Record<string, unknown>>

/**
 * A logger that carries its ids (role, session, message). The message is a constant sentence; the facts are fields.
 * Passwords and message content never appear in either.
 */
export type Log = {
  error(sentence: string, fields?: LogFields): void
  warn(sentence: string, fields?: LogFields): void
  info(sentence: string, fields?: LogFields): void
  debug(sentence: string, fields?: LogFields): void
  trace(sentence: string, fields?: LogFields): void
  with(fields: LogFields): Log
}

/** JSON lines on the given stream (file descriptor 1 unless told): `{"level":"info","time":…,"role":…,"msg":…}`. */
export function createLog(options: { level: LogLevel; fields?: LogFields; fileDescriptor?: number }): Log {
  const root = pino(
    {
      level: options.level,
      base: options.fields ?? {},
      formatters: { level: label => ({ level: label }) },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    pino.destination({ dest: options.fileDescriptor ?? 1, sync: true }),
  )
  return wrap(root)
}

export const silentLog: Log = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  trace() {},
  with: () => silentLog,
}

function wrap(logger: pino.Logger): Log {
  return {
    error: (sentence, fields) => logger.error(fields ?? {}, sentence),
    warn: (sentence, fields) => logger.warn(fields ?? {}, sentence),
    info: (sentence, fields) => logger.info(fields ?? {}, sentence),
    debug: (sentence, fields) => logger.debug(fields ?? {}, sentence),
    trace: (sentence, fields) => logger.trace(fields ?? {}, sentence),
    with: fields => wrap(logger.child(fields)),
  }
}
