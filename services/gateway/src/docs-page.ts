import path from "node:path";
import type { Locale } from "@keynode/decider/error-table";
import swaggerUiPath from "swagger-ui-dist/absolute-path.js";

const WORDS = {
  en: {
    title: "Keynode API",
    pages: "Pages",
    events: "Events",
    document: "OpenAPI document",
    other: { locale: "zh", name: "中文" },
    noScript: "This page needs JavaScript. The same is said, for programs, by the",
  },
  zh: {
    title: "Keynode API",
    pages: "页面",
    events: "事件",
    document: "OpenAPI 文档",
    other: { locale: "en", name: "English" },
    noScript: "本页面需要 JavaScript。程序可读取同样内容的",
  },
} as const satisfies Record<Locale, object>;

/** The page of all operations, which can be tried on it. Everything it loads is served from here. */
export const docsPage = (locale: Locale): string => {
  const { title, pages, events, document, other, noScript } = WORDS[locale];
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="stylesheet" href="/docs/assets/page.css">
<script src="/docs/assets/theme.js"></script>
</head>
<body>
<header>
<strong>${title}</strong>
<nav aria-label="${pages}">
<a href="/docs/events">${events}</a>
<a href="/openapi.json">${document}</a>
<a href="/docs?lang=${other.locale}" hreflang="${other.locale}" lang="${other.locale}">${other.name}</a>
</nav>
</header>
<main id="docs" data-document="/openapi.json"></main>
<noscript><p>${noScript} <a href="/openapi.json">${document}</a></p></noscript>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script type="module" src="/docs/assets/page.js"></script>
</body>
</html>
`;
};

const OWN = path.resolve(import.meta.dirname, "../docs-page");
const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";

/** What the page loads, by name: its type and where it lies. */
export const DOCS_ASSETS: Readonly<Record<string, { readonly type: string; readonly file: string }>> = {
  "page.css": { type: STYLE, file: path.join(OWN, "page.css") },
  "page.js": { type: SCRIPT, file: path.join(OWN, "page.js") },
  "theme.js": { type: SCRIPT, file: path.join(OWN, "theme.js") },
  "words.js": { type: SCRIPT, file: path.join(OWN, "words.js") },
  "swagger-ui.css": { type: STYLE, file: path.join(swaggerUiPath(), "swagger-ui.css") },
  "swagger-ui-bundle.js": { type: SCRIPT, file: path.join(swaggerUiPath(), "swagger-ui-bundle.js") },
  "favicon-32x32.png": { type: "image/png", file: path.join(swaggerUiPath(), "favicon-32x32.png") },
};
