import type { DescField, DescMessage, FileRegistry } from "@bufbuild/protobuf";
import { fieldRules } from "@keynode/contracts/descriptors";
import { documentation } from "@keynode/contracts/documentation";
import { type EventType, eventTypes } from "@keynode/contracts/events";
import type { Locale } from "@keynode/decider/error-table";
import { escaped } from "../html.ts";
import { jsonNames } from "../openapi/message-schemas.ts";
import { ATTRIBUTES, sampleAttributes } from "./cloud-event.ts";
import { samplePayload } from "./document.ts";

const WORDS = {
  en: {
    title: "Keynode events",
    lead: "What happens to a record is told as an event: in its service's journal, on the bus, and by GET /v1/events:stream to those who may read the record.",
    attributes: "Attributes of every event (CloudEvents 1.0)",
    field: "Field",
    meaning: "Meaning",
    example: "Example",
    personal: "personal",
    sensitive: "sensitive",
    document: "AsyncAPI document",
    operations: "All operations",
  },
  zh: {
    title: "Keynode 事件",
    lead: "记录的每次变化都是一个事件：写入所属服务的日志，发布到总线，并通过 GET /v1/events:stream 告知有权读取该记录的人。",
    attributes: "每个事件的属性（CloudEvents 1.0）",
    field: "字段",
    meaning: "含义",
    example: "示例",
    personal: "个人信息",
    sensitive: "敏感信息",
    document: "AsyncAPI 文档",
    operations: "全部操作",
  },
} as const satisfies Record<Locale, Record<string, string>>;

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
nav ul{columns:3 14rem;padding-left:1rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ccc}
pre{background:#f4f4f4;padding:1rem;overflow:auto}section{margin:2rem 0}small{color:#666}`;

/** The catalogue of events as people read it: all of the contract, by context. */
export const eventsPage = (registry: FileRegistry, locale: Locale): string => {
  const words = WORDS[locale];
  const events = eventTypes(registry);
  const contexts = [...new Set(events.map(({ context }) => context))];
  const links = contexts.map((context) => {
    const own = events.filter((event) => event.context === context);
    return `<h3>${context}</h3><ul>${own.map(({ type, name }) => `<li><a href="#${type}">${name}</a></li>`).join("")}</ul>`;
  });
  const attributes = Object.entries(ATTRIBUTES).map(([name, { description }]) => row(name, description));
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${words.title}</h1>
<p>${words.lead}</p>
<p><a href="/asyncapi.json">${words.document}</a> · <a href="/docs">${words.operations}</a></p>
<h2>${words.attributes}</h2>
${table(words, attributes)}
<nav>${links.join("\n")}</nav>
${events.map((event) => section(event, registry, words)).join("\n")}
</body>
</html>
`;
};

type Words = (typeof WORDS)[Locale];

const section = (event: EventType, registry: FileRegistry, words: Words): string => {
  const example = {
    ...sampleAttributes(event),
    datacontenttype: "application/json",
    data: samplePayload(event, registry),
  };
  return `<section id="${event.type}">
<h2>${event.name} <small>${event.type}</small></h2>
${paragraphs(event.message)}
${table(
  words,
  event.message.fields.map((field) => row(field.jsonName, textOf(field), marks(field, words))),
)}
<details><summary>${words.example}</summary><pre>${escaped(JSON.stringify(example, null, 2))}</pre></details>
</section>`;
};

const table = (words: Words, rows: readonly string[]): string =>
  `<table><thead><tr><th>${words.field}</th><th>${words.meaning}</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;

const row = (name: string, meaning: string, mark = ""): string =>
  `<tr><td><code>${escaped(name)}</code>${mark}</td><td>${escaped(meaning)}</td></tr>`;

const marks = (field: DescField, words: Words): string => {
  const { personal, sensitive } = fieldRules(field);
  const found = [personal && words.personal, sensitive && words.sensitive].filter(Boolean);
  return found.length > 0 ? ` <small>${found.join(", ")}</small>` : "";
};

const textOf = (described: DescField | DescMessage): string => jsonNames(documentation(described));

const paragraphs = (message: DescMessage): string =>
  textOf(message)
    .split("\n\n")
    .map((text) => `<p>${escaped(text)}</p>`)
    .join("\n");
