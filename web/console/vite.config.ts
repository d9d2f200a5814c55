// How the console is built. Assets are named by content hash and stand relative to /console/,
// and nothing is inlined, so that the strict content security policy holds.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  plugins: [svelte()],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, cssCodeSplit: true },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8099', ws: true } } },
});
