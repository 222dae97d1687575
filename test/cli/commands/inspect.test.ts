/** `xen-lu inspect` up to the page: what is refused, what is served, how it ends. */
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { inspect } from '../../../src/cli/commands/inspect.ts';
import { expectReadable, runCommand } from './run-command.ts';

/** What a refused call says, in one line. */
const refused = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await runCommand(inspect, ...args);
  expect([code, out]).toEqual([2, '']);
  // What is wrong with the usage is wrapped where it is printed.
  if (err.startsWith('xen-lu: ')) expectReadable(err);
  return err.replace(/\s+/g, ' ');
};

/** A port of this machine that somebody else has meanwhile. */
const withTakenPort = async (use: (port: number) => Promise<void>): Promise<void> => {
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  try {
    await use((other.address() as AddressInfo).port);
  } finally {
    await new Promise((closed) => other.close(closed));
  }
};

test('wants one name at most, a port that is one and versions that are described', async () => {
  expect(await refused('mixed', 'S1')).toBe('inspect wants one name at most');
  for (const port of ['65536', '1e3', '-1x', '', '0x50'])
    expect(await refused(`--port=${port}`)).toBe('--port wants a number up to 65535');
  expect(await refused('--from', '3.0')).toContain('no description of Xen 3.0');
  expect(await refused('no-such-run')).toContain(
    'no scenario, scope, bug, trace or capture of this name',
  );
});

test('says that nobody listens, or that the address is none', async () => {
  expect(await refused('--websocket', 'http://127.0.0.1:1')).toContain('no address of a websocket');
  await withTakenPort(async (port) => {
    expect(await refused('--stately', '--port', String(port))).toContain(
      `cannot listen on port ${port}`,
    );
  });
});

test('serves until it is interrupted, and then ends with 0', async () => {
  const before = process.listeners('SIGINT');
  const running = runCommand(inspect, '--stately');
  const interrupt = await new Promise<NodeJS.SignalsListener>((found) => {
    const look = (): void => {
      const added = process.listeners('SIGINT').find((listener) => !before.includes(listener));
      if (added === undefined) setTimeout(look, 5);
      else found(added);
    };
    look();
  });
  interrupt('SIGINT');
  const { code, out, err } = await running;
  expect([code, err]).toEqual([0, '']);
  expectReadable(out);
  expect(out).toContain('This page loads https://stately.ai/inspect');
  expect(out).toMatch(/\nhttp:\/\/127\.0\.0\.1:\d+\/\nCtrl-C ends it\.$/);
});
