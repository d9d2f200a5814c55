// How the console is built. Assets are named by content hash and stand under /console/, and nothing is inlined, so
// that the strict content security policy holds. `vite dev` and `vite preview` pass the API on to a running server:
// ANTEROOM=http://127.0.0.1:8480 npx vite dev
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type ProxyOptions } from 'vite';

const target = process.env['ANTEROOM'] ?? 'http://127.0.0.1:8480';
const pass: ProxyOptions = {
  target, ws: true, changeOrigin: true, rewriteWsOrigin: true,
  configure: (proxy) => { proxy.on('proxyReq', (request) => request.setHeader('origin', target)); },
};
const proxy = { '/api': pass, '/files': pass, '/chat': pass, '/widget': pass };

export default defineConfig({
  base: '/console/',
  plugins: [svelte()],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, cssCodeSplit: true },
  server: { proxy },
  preview: { proxy },
});
