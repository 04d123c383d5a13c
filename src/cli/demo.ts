import { type Command, textOption } from './command.ts'
import { CouldNotRun, exitCodes } from './terminal.ts'

const maxOffset = 20_000
const defaultOffset = 10_000
/**
 * A signal may come twice within a second (a terminal's to the whole group, a supervisor's on top). npm passes signals on while its
 * child lives; one that comes between the child's end and its own ends it by the signal, and no longer with 0.
 */
const npmEndsAfterMs = 1_100

export const demo: Command = {
  name: 'demo',
  text: {
    en: 'the whole system on this machine: gateway, home and a small pretend internet',
    ja: 'このマシンだけで全体を試す(ゲートウェイ、home、小さな模擬インターネット)',
  },
  options: [
    { flags: '--headless', text: { en: 'open no browser', ja: 'ブラウザを開かない' } },
    { flags: '--data <folder>', text: { en: 'keep everything in this folder', ja: 'データをこのフォルダに残す' } },
    {
      flags: '--port-offset <n>',
      text: { en: 'ports are the standard ones plus this (10000)', ja: '標準ポートに足す数(10000)' },
    },
  ],
  async run(call) {
    const { terminal } = call
    const data = textOption(call, 'data')
    // with it comes the whole server
    const { runDemo } = await import('#demo/run.ts')
    await runDemo({
      ...(data !== undefined && { data }),
      portOffset: offsetOf(textOption(call, 'portOffset')),
      headless: call.options['headless'] === true,
      json: call.json,
      language: terminal.language,
      signal: terminal.signal,
      endsAfterMs: process.env['npm_lifecycle_event'] === undefined ? 0 : npmEndsAfterMs,
      write: terminal.out,
    })
    return exitCodes.well
  },
}

export function offsetOf(text: string | undefined, fallback = defaultOffset): number {
  if (text === undefined) return fallback
  const offset = Number(text)
  if (/^\d{1,5}$/.test(text) && offset <= maxOffset) return offset
  throw new CouldNotRun({ en: `--port-offset is 0 to ${maxOffset}`, ja: `--port-offset は 0 から ${maxOffset} です` })
}
