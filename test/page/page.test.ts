/** The page in a real browser: what a person does with it, and what must never happen. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PageServer, servePage } from '../../src/inspect/server.ts';
import { collectEvents } from '../../src/inspect/stately/collect.ts';
import { hostedPage } from '../../src/inspect/stately/hosted-page.ts';
import { findSubject } from '../../src/inspect/subjects/find-subject.ts';
import { VIEWS } from '../../src/page/place.ts';
import { recordingOf } from '../inspect/recordings.ts';
import { launchBrowser } from './browser.ts';
import { type BuiltPage, buildPage } from './built-page.ts';
import { longRun } from './long-run.ts';
import { type Options, openWatched, type Watched } from './watched.ts';

const CAPTURE = 'test/fixtures/real-xen/B-one-pv-guest';

let browser: Browser;
let built: BuiltPage;
beforeAll(async () => {
  [browser, built] = await Promise.all([launchBrowser(), buildPage()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await built?.remove();
});

const open = (url: string, options: Options = {}): Promise<Watched> =>
  openWatched(browser, url, options);

const nowText = (page: Page): Promise<string> => page.locator('.now').innerText();
const nodes = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelectorAll('*').length);
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

describe('a counterexample, served', () => {
  let server: PageServer;
  let w: Watched;
  beforeAll(async () => {
    const serving = await servePage(built.with(await recordingOf('S1')));
    if (serving._tag === 'Left') throw new Error(serving.left);
    server = serving.right;
    w = await open(server.url);
  });
  afterAll(async () => {
    await w.page.close();
    await server.close();
    expect(w.faults).toEqual([]);
    // The page itself, and nothing from anywhere.
    expect(
      w.asked.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:')),
    ).toEqual([]);
  });

  test('tells what it is, what is missing, where it goes wrong and what breaks', async () => {
    expect(await w.page.title()).toContain('S1: A vCPU stopped');
    const story = await w.page.locator('.story').innerText();
    expect(story).toContain('VIOLATED');
    expect(story).toMatch(/Without rule R12/);
    expect(story).toMatch(/Where it goes wrong: step 4/);
    expect(story).toMatch(/I9\.2: Each I\/O request/);
  });

  test('goes step by step to the violation', async () => {
    await w.page.getByRole('button', { name: 'Forward' }).click();
    expect(await nowText(w.page)).toMatch(/^Step 1 of 27/);
    await w.page.getByRole('button', { name: 'Back' }).click();
    expect(await nowText(w.page)).toMatch(/^Step 0 of 27/);
    await w.page.getByRole('button', { name: 'Violation' }).click();
    expect(await nowText(w.page)).toMatch(/^Step 27 of 27.*Broken: I9\.2/s);
    await w.page.getByRole('tab', { name: 'Invariants' }).click();
    expect(await w.page.locator('.invariant.broken').first().innerText()).toContain('BROKEN');
    await w.page.getByRole('button', { name: 'Point of no return', exact: true }).click();
    expect(await w.page.locator('.invariant.broken').count()).toBe(0);
  });

  test('the address is a permalink to the step and the view', async () => {
    await w.page.keyboard.press('Home');
    for (let i = 0; i < 4; i++) await w.page.keyboard.press('ArrowRight');
    await w.page.getByRole('tab', { name: 'Lanes' }).click();
    await w.page.waitForURL(/#step=4&view=lanes$/);
    const other = await open(w.page.url());
    expect(await nowText(other.page)).toMatch(/^Step 4 of 27.*park d1/s);
    expect(await other.page.getByRole('tab', { selected: true }).innerText()).toBe('Lanes');
    // A link that makes no sense leads to a place that exists.
    await other.page.goto(`${server.url}#step=99999&view=nonsense`);
    expect(await nowText(other.page)).toMatch(/^Step 27 of 27/);
    await other.page.close();
  });

  test('is driven by keys alone, but leaves fields their own', async () => {
    const { page } = w;
    await page.keyboard.press('Home');
    await page.keyboard.press('v');
    expect(await nowText(page)).toMatch(/^Step 27/);
    await page.keyboard.press('p');
    expect(await nowText(page)).toMatch(/^Step 10/);
    await page.keyboard.press('3');
    expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Memory');
    await page.keyboard.press('/');
    await page.keyboard.type('server v');
    expect(await nowText(page)).toMatch(/^Step 10/);
    expect(await page.locator('.search output').innerText()).toMatch(/^\d+ steps$/);
    await page.keyboard.press('Enter');
    expect(await nowText(page)).not.toMatch(/^Step 10/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Home');
    await page.keyboard.press(' ');
    await page.waitForFunction(() =>
      document.querySelector('.now')?.textContent?.includes('Step 2 '),
    );
    await page.keyboard.press(' ');
  });

  test('lights the active state, and the transition that led there', async () => {
    const { page } = w;
    await page.getByRole('tab', { name: 'Statecharts' }).click();
    await page.keyboard.press('p');
    await page.locator('.state.on[data-state="live-update.booting"]').waitFor();
    expect(await page.locator('.arrow.taken').count()).toBe(1);
    expect(await page.locator('.arrow.taken').getAttribute('class')).toContain('pnr');
  });

  test('an id says what it means when it is pressed', async () => {
    const fact = w.page.locator('.story .fact', { hasText: 'F9.5' }).first();
    await fact.click();
    expect(await fact.getAttribute('aria-expanded')).toBe('true');
    expect(await w.page.locator('.story .fact-text').first().innerText()).toMatch(
      /known to Xen alone/,
    );
  });

  test('marks what a step changed', async () => {
    await w.page.goto(`${server.url}#step=4&view=host`);
    const d1 = w.page.locator('.object.touched', { hasText: 'd1' }).first();
    expect(await d1.innerText()).toMatch(/pause_count\s+0\s+→\s+1/);
  });
});

describe('from disk', () => {
  const views = VIEWS.map((view) => [view] as const);
  let capture: Watched;
  beforeAll(async () => {
    capture = await open(await built.file('capture', await recordingOf(CAPTURE)));
  });
  afterAll(() => capture.page.close());

  test.each(views)('view "%s" opens, and fits 1280 and 390 pixels', async (view) => {
    const { page, faults } = capture;
    const step = view === 'memory' ? 30 : 12;
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `step=${step}&view=${view}`);
      await page.locator(`#tab-${view}[aria-selected="true"]`).waitFor();
      expect((await page.locator('#view').innerText()).length).toBeGreaterThan(40);
      expect(await overflow(page), `at ${width} px`).toBeLessThanOrEqual(0);
    }
    expect(faults).toEqual([]);
  });

  test('a capture shows its domains, with what was read and what was assumed', async () => {
    const { page } = capture;
    await page.getByRole('tab', { name: 'Capture' }).click();
    const text = await page.locator('.capture').innerText();
    expect(text).toMatch(/Domains of this host\s+2/);
    expect(text).toContain('xl-dmesg.txt');
    const all = await page.locator('.capture .lines li').count();
    await page.locator('.domains button').nth(1).click();
    const some = await page.locator('.capture .lines li').count();
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(all);
  });

  test('asks for nothing but itself: its policy would not let it', async () => {
    const { page, asked } = capture;
    expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    const refused = await page.evaluate(() =>
      fetch('http://127.0.0.1:1/').then(
        () => 'sent',
        () => 'refused',
      ),
    );
    expect(refused).toBe('refused');
    const policy = await page
      .locator('meta[http-equiv="Content-Security-Policy"]')
      .getAttribute('content');
    expect(policy).toMatch(/^default-src 'none'/);
    expect(policy).not.toContain('unsafe');
  });

  test('follows the system’s colours, or the button', async () => {
    const colour = (page: Page) =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await open(capture.page.url(), { dark: true });
    const [inLight, inDark] = [await colour(capture.page), await colour(dark.page)];
    expect(inDark).not.toBe(inLight);
    await capture.page.keyboard.press('t');
    await expect.poll(() => colour(capture.page)).toBe(inDark);
    await capture.page.keyboard.press('t');
    await expect.poll(() => colour(capture.page)).toBe(inLight);
    await dark.page.close();
  });
});

test('the page around Stately’s inspector hands over every event when that is there', async () => {
  // In the inspector's place a page that says what its package says, and keeps what it is told.
  const standIn = `<!doctype html><link rel="icon" href="data:,"><script>
    window.got = [];
    addEventListener('message', (e) => window.got.push(e.data));
    addEventListener('load', () => parent.postMessage({ type: '@statelyai.connected' }, '*'));
  </script>`;
  const inspector = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(standIn);
  });
  await new Promise<void>((done) => inspector.listen(0, '127.0.0.1', done));
  const address = inspector.address() as AddressInfo;
  const found = await findSubject('S6');
  if (found._tag === 'Left') throw new Error('no S6');
  const events = collectEvents(found.right.trace, found.right.machine);
  const page = hostedPage(events, `http://127.0.0.1:${address.port}/inspect`);
  const serving = await servePage(page);
  if (serving._tag === 'Left') throw new Error(serving.left);
  const w = await open(serving.right.url);
  const frame = w.page.frames().find((f) => f.url().endsWith('/inspect'));
  await expect.poll(() => frame?.evaluate('window.got.length')).toBe(events.length);
  expect(w.faults).toEqual([]);
  await w.page.close();
  await serving.right.close();
  inspector.close();
});

describe('ten thousand steps', () => {
  const STEPS = 10_000;
  let w: Watched;
  beforeAll(async () => {
    w = await open(await built.file('long', await longRun(STEPS)));
  });
  afterAll(() => w.page.close());
  beforeEach(() => expect(w.faults).toEqual([]));

  /** More than a screen needs, far less than a row for every step would be. */
  const FEW = 2500;

  test.each(['host', 'lanes', 'memory', 'links', 'invariants'])(
    'the document stays small in view "%s", from the start to the end',
    async (view) => {
      for (const step of [0, STEPS / 2, STEPS]) {
        await w.page.evaluate((hash) => {
          location.hash = hash;
        }, `step=${step}&view=${view}`);
        await w.page.waitForFunction(
          (text) => document.querySelector('.now')?.textContent?.startsWith(text),
          `Step ${step} of ${STEPS}`,
        );
        expect(await nodes(w.page)).toBeLessThan(FEW);
        expect(await w.page.locator('.steps li').count()).toBeLessThan(40);
        // The current step is in sight in the list.
        await w.page.locator('.step[aria-current="step"]').waitFor();
      }
    },
  );

  test('a step costs what it changed: few of the elements are made anew', async () => {
    const { page } = w;
    await page.keyboard.press('2');
    await page.keyboard.press('End');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
    const touched = await page.evaluate(async () => {
      let changes = 0;
      const observer = new MutationObserver((list) => {
        for (const m of list) changes += m.addedNodes.length + m.removedNodes.length;
      });
      observer.observe(document.body, { childList: true, subtree: true });
      for (let i = 0; i < 20; i++) {
        dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft' }));
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      }
      observer.disconnect();
      return changes / 20;
    });
    expect(touched).toBeLessThan(400);
  });

  test('search finds one step among them', async () => {
    const { page } = w;
    await page.keyboard.press('/');
    await page.keyboard.type('lu.jump');
    expect(await page.locator('.search output').innerText()).toBe('1 steps');
    await page.keyboard.press('Enter');
    expect(await nowText(page)).toMatch(/point of no return/);
  });
});
