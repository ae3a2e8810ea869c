import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/**
 * Browsers ask for few files at a time, in the order of the head. First come the styles, which the first paint needs;
 * the script is on its way, and start.js begins it once the frame in index.html is painted.
 */
const paintFirst: Plugin = {
  name: 'paint-first',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const link = /\s*<link rel="stylesheet"[^>]*>/g;
      const styles = html.match(link)?.join('') ?? '';
      return html
        .replace(link, '')
        .replace('</title>', `</title>${styles}`)
        .replace(
          /<script type="module" crossorigin src="([^"]*)"><\/script>/,
          '<link rel="modulepreload" crossorigin href="$1" data-begin>',
        );
    },
  },
};

// Addresses are relative and views are in the hash, so the page runs below any path prefix.
export default defineConfig({
  base: './',
  plugins: [svelte(), paintFirst],
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsInlineLimit: 0, // data: addresses need no room in the content security policy
    modulePreload: { polyfill: false },
    rollupOptions: { input: ['index.html', 'help.html'] }, // the second is a template: internal/server/help.go
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': process.env.AKIN_SERVER ?? 'http://127.0.0.1:7717' } },
});
