import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entryBody } from './entry-body.ts';
import { ask, bytes, start, type Running } from './running.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const shots = join(import.meta.dirname, '../../../dist/reports/cache-server');

describe.skipIf(!CHROMIUM)('the page in Chromium (skipped where none is installed: apt-get install chromium)', () => {
  let server: Running;
  let browser: Browser;
  beforeAll(async () => {
    server = await start();
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
    const hashes = Array.from({ length: 8 }, (_, index) => `1${String(index).repeat(18)}`);
    for (const [index, hash] of hashes.entries()) await ask(server, 'PUT', hash, index % 3 === 0 ? 'pr' : 'main', entryBody(bytes((index + 1) * 700_000)));
    for (const hash of [hashes[7]!, hashes[7]!, hashes[1]!, '999']) await (await ask(server, 'GET', hash, 'reader')).arrayBuffer();
    await ask(server, 'PUT', '555', 'reader', 'x');
    await ask(server, 'GET', '556', 'cosc_guess');
    await ask(server, 'GET', encodeURIComponent('<img src=x onerror="document.title=1">'), 'main');
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test.each(['light', 'dark'] as const)('shows hit rate, size, biggest entries and refusals (%s)', async (colorScheme) => {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width: 1000, height: 900 },
      httpCredentials: { username: '', password: server.tokens['reader']! },
    });
    const page = await context.newPage();
    const asked: string[] = [];
    const faults: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('favicon')) faults.push(message.text());
    });
    await page.goto(server.url);
    expect(await page.textContent('#hit-rate')).toBe('75 %');
    expect(await page.textContent('#entries')).toBe('8');
    const first = (await page.locator('#biggest tbody tr').first().locator('td').allTextContents()).map((text) => text.trim());
    expect([first[0], first[1], first[2], first[5]]).toEqual([`1${'7'.repeat(18)}`, 'trusted', '5.3 MB', '2']);
    expect(await page.locator('#refusals tbody tr').count()).toBe(3);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('cache-server');
    expect(asked.filter((url) => !url.startsWith(server.url))).toEqual([]);
    expect(faults).toEqual([]);
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(13, 17, 23)');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `page-${colorScheme}.png`), fullPage: true });
    await context.close();
  });

  test('fits a telephone, and is closed without a token', async () => {
    const context = await browser.newContext({ viewport: { width: 380, height: 700 }, httpCredentials: { username: '', password: server.tokens['reader']! } });
    const page = await context.newPage();
    await page.goto(server.url);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await context.close();
    const stranger = await browser.newPage();
    expect((await stranger.goto(server.url).catch(() => null))?.status() ?? 401).toBe(401);
  });
});
