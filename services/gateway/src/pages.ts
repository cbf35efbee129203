import { createHash } from "node:crypto";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Locale } from "@keynode/decider/error-table";
import { localeOf } from "@keynode/grpc/locale";
import express, { type RequestHandler, type Router } from "express";
import helmet from "helmet";
import swaggerUiPath from "swagger-ui-dist/absolute-path.js";
import type { Cors } from "./cors.ts";
import { problemPage } from "./problem-page.ts";
import { preferredEncoding } from "./transcoder/accept.ts";
import { isNotModified } from "./transcoder/call-headers.ts";
import { ENCODINGS, type Encoding } from "./transcoder/compression.ts";

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

const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Keynode API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const DOCS_SCRIPT = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

/** A year: what has a version in its package does not change under its name. */
const ASSET_MAX_AGE_MS = 365 * 24 * 3_600_000;

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
  pages.get(
    "/docs",
    fromMemory(HTML, () => DOCS_PAGE),
  );
  pages.get(
    "/docs/start.js",
    fromMemory("text/javascript; charset=utf-8", () => DOCS_SCRIPT),
  );
  const events = { en: fromMemory(HTML, () => eventsPage("en")), zh: fromMemory(HTML, () => eventsPage("zh")) };
  pages.get("/docs/events", (request, response, next) => {
    response.vary("accept-language");
    events[localeOf(request.headers["accept-language"])](request, response, next);
  });
  pages.use("/docs/assets", express.static(swaggerUiPath(), { index: false, maxAge: ASSET_MAX_AGE_MS }));
  pages.get("/problems/:reason", (request, response, next) => {
    const page = problemPage(request.params.reason, localeOf(request.headers["accept-language"]));
    if (page === undefined) next();
    else response.type("html").set("vary", "accept-language").send(page);
  });
  return pages;
};

const HTML = "text/html; charset=utf-8";

/** Done once for all who ask: half a megabyte in some 30 ms. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } };

/** A text, and its codings as they are asked for. A strong tag vouches for every byte, so each has its own (RFC 9110 §8.8.3.3). */
const kept = (text: string) => {
  const plain = Buffer.from(text);
  const digest = createHash("sha256").update(plain).digest("base64url");
  const packed = new Map<Encoding, Buffer>();
  return {
    etagOf: (encoding: Encoding | undefined): string => `"${digest}${encoding === undefined ? "" : `-${encoding}`}"`,
    as: (encoding: Encoding | undefined): Buffer => {
      if (encoding === undefined) return plain;
      const known = packed.get(encoding);
      if (known) return known;
      const made = encoding === "gzip" ? gzipSync(plain) : brotliCompressSync(plain, BROTLI);
      packed.set(encoding, made);
      return made;
    },
  };
};

/** Serves a text kept in memory, compressed once for those who take it, and not again to those who have it. */
const fromMemory = (type: string, text: () => string): RequestHandler => {
  let made: ReturnType<typeof kept> | undefined;
  return (request, response) => {
    const { as, etagOf } = (made ??= kept(text()));
    const encoding = preferredEncoding(request.headers["accept-encoding"], ENCODINGS);
    const etag = etagOf(encoding);
    response.vary("accept-encoding").set({ "content-type": type, etag, "cache-control": "no-cache" });
    if (isNotModified(request.headers["if-none-match"], etag)) {
      response.status(304).end();
      return;
    }
    if (encoding !== undefined) response.set("content-encoding", encoding);
    response.end(as(encoding));
  };
};
