/**
 * Builds the page as one file: script and style inside, so that it opens from
 * disk. The policy in its head lets exactly these two run and nothing be
 * fetched from anywhere.
 */
import { createHash } from 'node:crypto';
import { defineConfig, type Plugin } from 'vite';

/** A closing tag in a script would end it. */
const asScript = (code: string): string => code.replaceAll('</script', '<\\/script');

const hashed = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const singleFile = (): Plugin => ({
  name: 'single-file',
  enforce: 'post',
  generateBundle: (_options, bundle) => {
    const page = Object.values(bundle).find((f) => f.fileName.endsWith('.html'));
    if (page?.type !== 'asset') return;
    let script = '';
    let style = '';
    for (const [name, file] of Object.entries(bundle)) {
      if (file.type === 'chunk') script += asScript(file.code);
      else if (name.endsWith('.css')) style += String(file.source);
      else continue;
      delete bundle[name];
    }
    page.source = String(page.source)
      .replace(/<script[^>]* src="[^"]*"[^>]*><\/script>/, '')
      .replace(/<link[^>]*rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
      // After the recording, which it reads at once.
      .replace('</body>', () => `<script type="module">${script}</script></body>`)
      .replace('SCRIPTS', () => hashed(script))
      .replace('STYLES', () => hashed(style));
  },
});

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  logLevel: 'warn',
  plugins: [singleFile()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
  },
});
