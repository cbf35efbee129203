import { AxeBuilder } from "@axe-core/playwright";
import { findChromium } from "@keynode/engines/chromium";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** A browser fetched for the first time takes as long as its download. */
export const BROWSER_TIMEOUT_MS = 6 * 60_000;
/** What is looked for on a page appears within this time, on a machine that does ten other things, too. */
const LOOK_TIMEOUT_MS = 120_000;

/** A headless browser. Pages of ours only are opened in it, so it needs no sandbox, which root and containers have none of. */
export const openBrowser = async (): Promise<Browser> => {
  const executablePath = await findChromium((line) => void process.stderr.write(`${line}\n`));
  return chromium.launch({ executablePath, timeout: LOOK_TIMEOUT_MS });
};

/** A page, and what a reader would not see but should not happen: errors, and requests that leave the installation. */
export type Visit = {
  readonly page: Page;
  /** Errors of scripts and of the page's policy, in the order that they came. */
  readonly faults: readonly string[];
  /** Addresses outside of `baseUrl` that were asked for. */
  readonly strays: readonly string[];
};

/** A visitor of their own: no cookie or storage is shared with other visits. */
export const visit = async (
  browser: Browser,
  baseUrl: string,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Visit> => {
  const context = await browser.newContext({ baseURL: baseUrl, ...options });
  context.setDefaultTimeout(LOOK_TIMEOUT_MS);
  const page = await context.newPage();
  const [faults, strays]: [string[], string[]] = [[], []];
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("console", (message) => {
    // A refusal that was asked for is told here, too: the browser does not know that it was expected.
    const isRefusal =
      message.location().url.startsWith(`${baseUrl}/v1/`) && message.text().startsWith("Failed to load");
    if (message.type() === "error" && !isRefusal) faults.push(message.text());
  });
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(`${baseUrl}/`) && !/^(data|blob):/.test(address)) strays.push(address);
  });
  await page.goto(path);
  return { page, faults, strays };
};

/** What axe-core finds wrong for readers who cannot see, point or tell colours apart, as `rule: element`. */
export const barriers = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${target.join(" ")} ${html}`));
};
