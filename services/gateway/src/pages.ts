import { readFile } from "node:fs/promises";
import type { Locale } from "@keynode/decider/error-table";
import { localeOf } from "@keynode/grpc/locale";
import express, { type Request, type RequestHandler, type Router } from "express";
import helmet from "helmet";
import type { Cors } from "./cors.ts";
import { DOCS_ASSETS, docsPage } from "./docs-page.ts";
import { type KeptContent, kept, sendKept } from "./kept-content.ts";
import { problemPage } from "./problem-page.ts";

/** Pages load from here only; Swagger UI sets styles inline and draws its icons from data URLs. */
const PAGE_POLICY = {
  useDefaults: false,
  directives: {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "connect-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
  },
};

export type Documents = {
  readonly openApi: () => object;
  readonly asyncApi: () => object;
  readonly eventsPage: (locale: Locale) => string;
};

/**
 * What people read: the documents of the API and of its events, their pages, and one page for each reason a request is
 * refused with. Each is made when it is first asked for.
 */
export const createPages = ({ openApi, asyncApi, eventsPage }: Documents, cors: Cors): Router => {
  const pages = express.Router();
  pages.use(["/openapi.json", "/asyncapi.json"], (request, response, next) => {
    response.set(cors.fieldsFor(request.headers.origin));
    next();
  });
  pages.use(["/docs", "/problems"], helmet({ contentSecurityPolicy: PAGE_POLICY }));
  pages.get(
    "/openapi.json",
    fromMemory("application/json", () => JSON.stringify(openApi())),
  );
  pages.get(
    "/asyncapi.json",
    fromMemory("application/json", () => JSON.stringify(asyncApi())),
  );
  pages.get("/docs", inLanguages(docsPage, chosenLocale));
  for (const [name, { type, file }] of Object.entries(DOCS_ASSETS)) {
    pages.get(
      `/docs/assets/${name}`,
      fromMemory(type, () => readFile(file)),
    );
  }
  pages.get(
    "/docs/events",
    inLanguages(eventsPage, ({ headers }) => localeOf(headers["accept-language"])),
  );
  pages.get("/problems/:reason", (request, response, next) => {
    const page = problemPage(request.params.reason, localeOf(request.headers["accept-language"]));
    if (page === undefined) next();
    else response.type("html").set("vary", "accept-language").send(page);
  });
  return pages;
};

const HTML = "text/html; charset=utf-8";

/** The address says it where somebody has chosen, otherwise the browser does. Without a query parser there is no `request.query`. */
const chosenLocale = ({ url, headers }: Request): Locale => {
  const { searchParams } = new URL(url, "http://gateway");
  return localeOf(searchParams.get("lang") ?? headers["accept-language"]);
};

/** Serves a page in its reader's language. */
const inLanguages = (
  page: (locale: Locale) => string,
  localeOfReader: (request: Request) => Locale,
): RequestHandler => {
  const served = { en: fromMemory(HTML, () => page("en")), zh: fromMemory(HTML, () => page("zh")) };
  return (request, response, next) => {
    response.vary("accept-language");
    return served[localeOfReader(request)](request, response, next);
  };
};

/** Serves a content that is made when it is first asked for. */
const fromMemory = (type: string, content: () => string | Promise<Buffer>): RequestHandler => {
  let made: Promise<KeptContent> | undefined;
  const make = async () => {
    const found = await content();
    return kept(typeof found === "string" ? Buffer.from(found) : found);
  };
  return async (request, response) => {
    await sendKept(request, response, await (made ??= make()), { "content-type": type, "cache-control": "no-cache" });
  };
};
