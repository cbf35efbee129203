import { STATUS_CODES } from "node:http";
import type { Locale } from "@keynode/decider/error-table";
import { chassisErrors } from "@keynode/grpc/chassis-errors";
import { escaped } from "./html.ts";
import { type HttpReason, httpReason, httpReasons, type Reason } from "./problem-reasons.ts";

const REASON = /^[A-Z][A-Z\d_]{0,63}$/;

const WORDS = {
  en: {
    status: "HTTP status",
    foreign: "A service refuses with this reason. Its documentation names it at the operations that can meet it.",
    docs: "All operations",
  },
  zh: { status: "HTTP 状态码", foreign: "该原因由某个服务返回，相关操作的文档中有说明。", docs: "全部操作" },
} as const satisfies Record<Locale, Record<string, string>>;

/** The page that a problem's `type` leads to; undefined for what can be no reason. */
export const problemPage = (reason: string, locale: Locale): string | undefined => {
  if (!REASON.test(reason)) return undefined;
  const words = WORDS[locale];
  const known = isKnown(reason) ? httpReason(reason) : undefined;
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${reason}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
</head>
<body>
<h1><code>${reason}</code></h1>
<p>${known ? escaped(known.message[locale]) : words.foreign}</p>
${known ? `<p>${words.status}: ${statusText(known)}</p>` : ""}
<p><a href="/docs">${words.docs}</a></p>
</body>
</html>
`;
};

const isKnown = (reason: string): reason is Reason =>
  Object.hasOwn(httpReasons, reason) || Object.hasOwn(chassisErrors, reason);

const statusText = ({ status }: HttpReason): string => `${status} ${STATUS_CODES[status] ?? ""}`.trim();
