import { httpReasons, statusOfRefusal } from "@keynode/gateway/problem-reasons";
import { chassisErrors } from "@keynode/grpc/chassis-errors";
import { loadDefinition } from "./service-definition.ts";

/** One reason that a request is refused with: a problem's `code`. */
export type KnownReason = {
  readonly reason: string;
  readonly status: number;
  /** The services that refuse with it; `gateway`, or `any` of them. */
  readonly by: readonly string[];
  readonly message: { readonly en: string; readonly zh: string };
};

/** Every reason that a client can meet, by name: read off the tables that refusals are made of. */
export const knownReasons = async (root: string, services: readonly string[]): Promise<KnownReason[]> => {
  const found: KnownReason[] = [
    ...Object.entries(httpReasons).map(([reason, { status, message }]) => ({
      reason,
      status,
      by: ["gateway"],
      message,
    })),
    ...Object.entries(chassisErrors).map(([reason, { code, message }]) => ({
      reason,
      status: statusOfRefusal(code, reason),
      by: ["any"],
      message,
    })),
  ];
  for (const name of services) {
    const definition = await loadDefinition(root, name);
    for (const [reason, { code, message }] of Object.entries(definition?.errors ?? {})) {
      found.push({ reason, status: statusOfRefusal(code, reason), by: [name], message });
    }
  }
  const byName = Map.groupBy(found, ({ reason }) => reason);
  return [...byName.values()]
    .flatMap(([first, ...others]) =>
      first ? [{ ...first, by: [...new Set([first, ...others].flatMap(({ by }) => by))] }] : [],
    )
    .sort((a, b) => (a.reason < b.reason ? -1 : 1));
};

/** The reasons as a table. */
export const reasonTable = (reasons: readonly KnownReason[]): string =>
  [
    "| code | HTTP | from | in English | 中文 |",
    "|---|---|---|---|---|",
    ...reasons.map(
      ({ reason, status, by, message }) =>
        `| \`${reason}\` | ${status} | ${by.join(", ")} | ${cell(message.en)} | ${cell(message.zh)} |`,
    ),
  ].join("\n");

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
