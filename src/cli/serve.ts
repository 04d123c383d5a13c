import type { Command } from './command.ts'

export const serve: Command = {
  name: 'serve',
  text: { en: 'run the roles of the configuration', ja: '設定ファイルの役割を動かす' },
  // every other command would load the whole server, which takes longer than what most of them do
  run: async call => (await import('./run-server.ts')).runServer(call),
}
