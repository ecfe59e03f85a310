import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const apiTarget = process.env['MUSTER_PANEL_API'] ?? 'http://127.0.0.1:8480';

/** `vite build` makes `dist/`, which the server serves at `/`; `vite` alone serves the panel for work on it, with the API of a server or of the fake. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Every font and image is a file of its own: the content security policy of the server allows no data: URL.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      treeshake: { moduleSideEffects: [{ test: /packages\/(?:api|core)\//u, sideEffects: false }] },
    },
  },
  server: { proxy: { '/api': apiTarget } },
});
