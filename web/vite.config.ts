import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { offlineWorker } from './scripts/field_worker.ts'

// The server sends `script-src 'self'` without 'unsafe-inline': nothing here may end up inline in index.html.
// `assetsInlineLimit: 0` keeps fonts and images as files; `modulePreload.polyfill: false` drops Vite's inline
// helper.
export default defineConfig({
  plugins: [
    svelte(),
    offlineWorker({ name: 'field', shell: '/field/report', pages: ['src/pages/field/Field.svelte', 'src/pages/field/lab/Lab.svelte', 'src/pages/field/tasks/Tasks.svelte', 'src/pages/field/followup/Round.svelte'] }),
    offlineWorker({
      name: 'public',
      shell: '/public/check',
      paths: ['/public/code', '/public/result', '/public/check', '/public/status', '/public/me'],
      pages: [
        'src/pages/public/Code.svelte',
        'src/pages/public/Result.svelte',
        'src/pages/public/Check.svelte',
        'src/pages/public/Status.svelte',
        'src/pages/public/Mine.svelte',
      ],
    }),
  ],
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
  server: { proxy: Object.fromEntries(['/api', '/.well-known'].map((path) => [path, process.env.QUELL_SERVER ?? 'http://127.0.0.1:8080'])) },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
