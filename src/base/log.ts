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

/** A log whose level can be turned while it is in use, for everyone who was given it. */
export type LevelLog = Log & { setLevel(level: LogLevel): void }

/** JSON lines on the given stream (file descriptor 1 unless told): `{"level":"info","time":…,"role":…,"msg":…}`. */
export function createLog(options: { level: LogLevel; fields?: LogFields; fileDescriptor?: number }): LevelLog {
  const root = pino(
    {
      level: 'trace',
      base: options.fields ?? {},
      formatters: { level: label => ({ level: label }) },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    pino.destination({ dest: options.fileDescriptor ?? 1, sync: true }),
  )
  const verbosity = { shown: ranks[options.level] }
  return Object.assign(wrap(root, verbosity), {
    setLevel(level: LogLevel) {
      verbosity.shown = ranks[level]
    },
  })
}

export const silentLog: Log = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  trace() {},
  with: () => silentLog,
}

const ranks: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3, trace: 4 }

/** `verbosity` is shared by all loggers of one root; pino's children would keep the level they were made with. */
function wrap(logger: pino.Logger, verbosity: { readonly shown: number }): Log {
  const at = (level: LogLevel) => (sentence: string, fields?: LogFields) => {
    if (ranks[level] <= verbosity.shown) logger[level](fields ?? {}, sentence)
  }
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: at('trace'),
    with: fields => wrap(logger.child(fields), verbosity),
  }
}
