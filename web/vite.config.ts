/** How the webmail is built: TSX by Vite's own transform, hashed names, nothing inline that the page's security policy would refuse. */
import { join } from 'node:path'
import type { InlineConfig } from 'vite'

export const webConfig: InlineConfig = {
  configFile: false,
  root: join(import.meta.dirname, 'mail'),
  base: '/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: ['chrome123', 'firefox125', 'safari17.4'],
    emptyOutDir: true,
    assetsDir: 'assets',
    // data: URLs of fonts and scripts are not in the policy
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // in kB: pdf.js
    chunkSizeWarningLimit: 700,
  },
}

/** The service worker, by itself: one classic script under a name that stays, which knows what the page was built into. */
export function workerConfig(shell: {
  readonly files: readonly string[]
  readonly version: string
  readonly pageSha256: string
}): InlineConfig {
  return {
    ...webConfig,
    publicDir: false,
    define: {
      __SHELL_FILES__: JSON.stringify(shell.files),
      __SHELL_VERSION__: JSON.stringify(shell.version),
      __PAGE_SHA256__: JSON.stringify(shell.pageSha256),
    },
    build: {
      ...webConfig.build,
      emptyOutDir: false,
      copyPublicDir: false,
      rolldownOptions: {
        input: join(import.meta.dirname, 'mail', 'worker', 'worker.ts'),
        output: { format: 'iife', entryFileNames: 'worker.js' },
      },
    },
  }
}
