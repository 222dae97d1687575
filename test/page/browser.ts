/**
 * A headless Chromium out of the npm registry. Where the machine has not the
 * libraries that it needs, those that come with it are used.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packaged, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** Nothing of the browser's own may go out, and it need not be a safe place for foreign pages. */
const ARGS = [
  '--no-sandbox',
  '--headless=shell',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-domain-reliability',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--no-pings',
  '--no-zygote',
  '--font-render-hinting=none',
];

const libraries = async (): Promise<string> => {
  const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'));
  return join(await inflate(join(dirname(entry), '../bin/al2023.tar.br')), 'lib');
};

const isLibraryMissing = (e: unknown): boolean =>
  e instanceof Error && e.message.includes('error while loading shared libraries');

export const launchBrowser = async (): Promise<Browser> => {
  const executablePath = await packaged.executablePath();
  const launch = (env: NodeJS.ProcessEnv) =>
    chromium.launch({ executablePath, args: ARGS, env: env as Record<string, string> });
  try {
    return await launch(process.env);
  } catch (e) {
    if (!isLibraryMissing(e)) throw e;
    return launch({ ...process.env, LD_LIBRARY_PATH: await libraries() });
  }
};
