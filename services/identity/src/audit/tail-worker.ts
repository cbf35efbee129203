import { registry } from "@keynode/contracts/descriptors";
import { pause } from "@keynode/messaging/backoff";
import type { Worker } from "@keynode/runtime/service-definition";
import type { Peers } from "@keynode/runtime/peers";
import type { Entries } from "./entries.ts";
import { accessLog, journalLog } from "./logs.ts";
import { renewMs, type Sources } from "./sources.ts";
import { tail } from "./tail.ts";

/** Every service that has records, by the contract: one that is added is audited without being named anywhere. */
export const auditedServices = (): readonly string[] => [
  ...new Set(
    [...registry()]
      .filter((described) => described.kind === "service")
      .flatMap(({ file }) => /^crm\.(?!chassis\.)([a-z]+)\.v1$/.exec(file.proto.package)?.[1] ?? []),
  ),
];

/** Follows the logs of all services, each in one replica at a time; what a replica leaves behind, another takes up. */
export const auditTail =
  (entries: Entries, sources: Sources, peers: Pick<Peers, "journal" | "accesses">): Worker =>
  (host) => {
    const stopping = new AbortController();
    const following = new Map<string, { readonly end: AbortController; readonly done: Promise<void> }>();

    const begin = (service: string): void => {
      const end = new AbortController();
      const logs = [journalLog(service, peers), accessLog(service, peers)];
      const done = tail({ service, logs, entries, sources, host }, AbortSignal.any([end.signal, stopping.signal]));
      following.set(service, { end, done });
    };

    const share = async (): Promise<void> => {
      const held = await sources.claim();
      for (const [service, { end, done }] of following) {
        if (held.has(service)) continue;
        end.abort();
        await done;
        following.delete(service);
      }
      for (const service of held) if (!following.has(service)) begin(service);
    };

    const running = (async () => {
      while (!stopping.signal.aborted) {
        await share().catch((error: unknown) => host.log.warn({ err: error }, "audited services cannot be shared out"));
        await pause(renewMs, stopping.signal);
      }
      await Promise.all([...following.values()].map(({ done }) => done));
      await sources.release().catch((error: unknown) => host.log.warn({ err: error }, "audited services stay leased"));
    })();

    return {
      stop: async () => {
        stopping.abort();
        await running;
      },
    };
  };
