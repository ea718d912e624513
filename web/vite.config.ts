import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { fieldWorker } from './scripts/field_worker.ts'

// The server sends `script-src 'self'` without 'unsafe-inline': nothing here may end up inline in index.html.
// `assetsInlineLimit: 0` keeps fonts and images as files; `modulePreload.polyfill: false` drops Vite's inline
// helper.
export default defineConfig({
  plugins: [svelte(), fieldWorker(['src/pages/field/Field.svelte', 'src/pages/field/lab/Lab.svelte'])],
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  // `npm run dev` talks to a running server; the cookie is SameSite=Strict, so the page and the API share an
  // origin.
  server: { proxy: { '/api': process.env.QUELL_SERVER ?? 'http://127.0.0.1:8080' } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
