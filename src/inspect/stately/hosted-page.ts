/**
 * A page around Stately's hosted inspector. It holds what is to be shown, and
 * hands it to the inspector in its frame when that says that it is there; the
 * two talk as @statelyai/inspect does in a browser. The frame is the only
 * thing that it may load, and the events go to that origin alone.
 */
import { createHash } from 'node:crypto';
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { inScript } from '../page-file.ts';

export const STATELY = 'https://stately.ai/inspect';

const STYLE = 'html,body,iframe{margin:0;border:0;width:100%;height:100%;display:block}';

/** Reads the events and the address, waits for the inspector, posts. */
const SCRIPT = `
const { events, url } = JSON.parse(document.getElementById('events').textContent);
const frame = document.querySelector('iframe');
const { origin } = new URL(url);
let sent = false;
addEventListener('message', (e) => {
  if (e.source !== frame.contentWindow || e.origin !== origin) return;
  if (e.data?.type !== '@statelyai.connected' || sent) return;
  sent = true;
  for (const event of events) frame.contentWindow.postMessage(event, origin);
});
frame.src = url;
`;

const hashed = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The page; `url` is where the inspector is. */
export const hostedPage = (
  events: readonly StatelyInspectionEvent[],
  url: string = STATELY,
): string => {
  const { origin } = new URL(url);
  const policy = `default-src 'none'; frame-src ${origin}; img-src data:; style-src ${hashed(STYLE)}; script-src ${hashed(SCRIPT)}; base-uri 'none'`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<link rel="icon" href="data:,">',
    '<title>xen-lu in the Stately inspector</title>',
    `<style>${STYLE}</style>`,
    '<iframe title="Stately inspector"></iframe>',
    `<script type="application/json" id="events">${inScript({ events, url })}</script>`,
    `<script type="module">${SCRIPT}</script>`,
    '</html>',
    '',
  ].join('\n');
};
