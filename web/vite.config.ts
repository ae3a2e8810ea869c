import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// Addresses are relative and views are in the hash, so the page runs below any path prefix.
export default defineConfig({
  base: './',
  plugins: [svelte()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsInlineLimit: 0, // data: addresses need no room in the content security policy
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': process.env.AKIN_SERVER ?? 'http://127.0.0.1:7717' } },
});
