import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { BROWSER_TIMEOUT_MS, barriers, openBrowser, visit } from "./browser.ts";
import { newTenant } from "./tenant.ts";

/** The docs page as a reader uses it: in a browser. */

const { baseUrl } = inject("access");
const TIMEOUT_MS = 400_000;

/** The same in every language. */
const NAMES = /^(application\/json|(apiKey|accessToken)\s+\(http, Bearer\))$/;

let browser: Browser;
let secret: string;

beforeAll(async () => {
  const admin = await newTenant();
  const { id } = await admin.post<{ id: string }>("/v1/roles", {
    name: "Seller",
    grants: [{ permission: "leads.*", scope: "ALL" }],
  });
  ({ secret } = await admin.post<{ secret: string }>("/v1/apiKeys", { name: "docs", roleIds: [id] }));
  browser = await openBrowser();
}, BROWSER_TIMEOUT_MS);

afterAll(() => browser?.close());

const operation = (page: Page, id: string): Locator => page.locator(`#operations-Lead-${id}`);

/** Opens an operation whose group is open, by keys alone. */
const open = async (page: Page, id: string): Promise<Locator> => {
  const found = operation(page, id);
  await found.locator("button.opblock-summary-control").press("Enter");
  await found.locator("button.try-out__btn").press("Enter");
  return found;
};

/** Sends what the operation's form holds, and answers what came back. */
const execute = async (found: Locator): Promise<{ status: string; body: string }> => {
  await found.locator("button.execute").press("Enter");
  const answer = found.locator(".live-responses-table .response");
  await answer.locator(".response-col_status").waitFor();
  const [status = ""] = (await answer.locator(".response-col_status").innerText()).split("\n");
  return { status: status.trim(), body: await answer.locator(".highlight-code pre").first().innerText() };
};

const signIn = async (page: Page): Promise<void> => {
  const opener = page.locator("button.authorize").first();
  await opener.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.locator("input").first().fill(secret);
  await dialog.locator("input").first().press("Enter");
  await dialog.locator("h6").first().waitFor();
  await dialog.press("Escape");
  await dialog.waitFor({ state: "detached" });
  // Who came by keys goes on where they were.
  await page.locator("button.authorize:focus").waitFor();
};

/**
 * What bars readers from the page as it stands. A few groups, operations and answers stand for all: looking at every one of
 * hundreds takes minutes.
 */
const barriersOn = async (page: Page): Promise<string[]> => {
  const rest = [
    ".opblock-tag-section:not(.is-open) ~ .opblock-tag-section:not(.is-open)",
    ".operation-tag-content > span:nth-child(n + 7)",
    "tr.response:nth-child(n + 3)",
  ];
  await page.evaluate(`for (const element of document.querySelectorAll("${rest.join()}")) element.remove()`);
  return barriers(page);
};

describe("the docs page", { timeout: TIMEOUT_MS }, () => {
  test("lets a reader sign in and try reads and writes, by keys and with nothing from elsewhere", async () => {
    const { page, faults, strays } = await visit(browser, baseUrl, "/docs", { locale: "en-US" });
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    const group = page.locator("#operations-tag-Lead");
    expect(await group.innerText()).toContain("Captures leads");
    await group.locator("button").press("Enter");
    await signIn(page);

    const list = await open(page, "ListLeads");
    expect(await list.innerText()).toContain("Lists the leads that the caller may see");
    expect(await execute(list)).toEqual({ status: "200", body: expect.stringContaining('"leads": []') });

    const create = await open(page, "CreateLead");
    const body = create.getByRole("textbox", { name: "Request body" });
    const example: { name: string } = JSON.parse(await body.inputValue());
    const created = await execute(create);
    expect([created.status, JSON.parse(created.body).name]).toEqual(["200", example.name]);

    await create.locator("button.btn-clear").press("Enter");
    await body.fill(JSON.stringify({ ...example, source: "NOWHERE", nickname: "x" }));
    const refused = await execute(create);
    expect(refused.status).toBe("400");
    expect(JSON.parse(refused.body)).toMatchObject({
      code: "INVALID_REQUEST",
      errors: expect.arrayContaining([
        expect.objectContaining({ pointer: "#/nickname" }),
        expect.objectContaining({ pointer: "#/source" }),
      ]),
    });
    expect(await barriersOn(page)).toEqual([]);
    expect([faults, strays]).toEqual([[], []]);
    await page.context().close();
  });

  test("says everything in Chinese, and so do the answers, in the dark and on a telephone", async () => {
    const { page, faults, strays } = await visit(browser, baseUrl, "/docs#/Lead/CreateLead", {
      locale: "zh-CN",
      colorScheme: "dark",
      viewport: { width: 360, height: 800 },
    });
    expect(await page.locator("html").getAttribute("lang")).toBe("zh");
    // The address names an operation, which is open then.
    const found = operation(page, "CreateLead");
    await found.locator("button.try-out__btn").press("Enter");
    await found.getByRole("textbox", { name: "请求体" }).fill('{"source": "PHONE", "nickname": "x"}');
    const { status, body } = await execute(found);
    expect([status, JSON.parse(body).detail]).toEqual(["401", expect.stringMatching(/\p{Script=Han}/u)]);
    await page.locator("button.authorize").first().press("Enter");
    await page.getByRole("dialog", { name: "可用的凭证" }).waitFor();

    const labels = page.locator(
      "main :is(h2, h3:not(.opblock-tag), h4, h5, label, th, .col_header, .tablinks, .btn):visible",
    );
    const texts = (await labels.allInnerTexts()).map((text) => text.trim()).filter((text) => text !== "");
    expect(texts.length).toBeGreaterThan(15);
    expect(texts.filter((text) => !/\p{Script=Han}/u.test(text) && !NAMES.test(text))).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(await page.evaluate("getComputedStyle(document.body).colorScheme")).toBe("dark");
    expect(await barriersOn(page)).toEqual([]);

    await page.getByRole("dialog").press("Escape");
    await page.getByRole("link", { name: "English" }).press("Enter");
    await page.waitForURL("**/docs?lang=en#/Lead/CreateLead");
    await page.locator('html[lang="en"]').waitFor();
    expect([faults, strays]).toEqual([[], []]);
    await page.context().close();
  });
});
