/** A page of the browser, with everything that goes wrong in it. */
import type { Browser, Page } from 'playwright-core';

export interface Options {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** Everything that went wrong in the browser, and every address that it asked for. */
export interface Watched {
  readonly page: Page;
  readonly faults: string[];
  readonly asked: string[];
}

/** Opens a page and watches it. */
export const openWatched = async (
  browser: Browser,
  url: string,
  options: Options = {},
): Promise<Watched> => {
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.dark === true ? 'dark' : 'light',
  });
  const faults: string[] = [];
  const asked: string[] = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && faults.push(m.text()));
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('request', (r) => asked.push(r.url()));
  await page.goto(url);
  return { page, faults, asked };
};
