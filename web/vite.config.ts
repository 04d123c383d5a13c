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
  },
}
