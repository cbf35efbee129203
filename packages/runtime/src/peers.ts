import type { Mint } from "@keynode/auth/minter";
import { serviceRights } from "@keynode/auth/service-rights";
import { JournalServiceService, type ReadJournalResponse } from "@keynode/contracts/crm/chassis/v1/journal_service";
import { grpcClient } from "@keynode/grpc/client";
import type { JournaledEvent, JournalReader } from "@keynode/messaging/consumer";
import { Transient } from "@keynode/messaging/fault";

/** Where a peer listens; `UPSTREAMS` names it, or the template with `{service}` in it does. */
export type PeerAddress = (service: string) => string;

/** What one service asks of the others, as itself. */
export type Peers = {
  readonly readJournal: JournalReader;
  close(): void;
};

/** A rebuild reads a journal from its beginning, which may take this long. */
const rebuildDeadlineMs = 60 * 60_000;

/** Opens channels to peers when they are first needed; a peer that is down fails that call only. */
export const openPeers = (name: string, addressOf: PeerAddress, mint: Mint): Peers => {
  const actor = `service:${name}` as const;
  const principal = { tenant: "*", actor, roles: [], teams: [], grants: serviceRights(actor), policyVersion: 0 };
  const journalClient = (peer: string) =>
    grpcClient(JournalServiceService, {
      address: addressOf(peer),
      token: () => mint(principal, peer),
      deadlineMs: rebuildDeadlineMs,
    });
  const journals = new Map<string, ReturnType<typeof journalClient>>();

  const journalOf = (peer: string) => {
    const client = journals.get(peer) ?? journalClient(peer);
    journals.set(peer, client);
    return client;
  };

  return {
    readJournal: async function* (context, { after, types }) {
      const rows = journalOf(context).readJournal({
        tenant: "",
        types: [...(types ?? [])],
        after: after && { recordTime: after.recordedAt, eventId: after.id },
        follow: false,
        recordId: "",
      });
      try {
        for await (const row of rows) yield journaled(context, row);
      } catch (error) {
        throw new Transient(`the journal of ${context} cannot be read`, { cause: error });
      }
    },
    close: () => {
      for (const client of journals.values()) client.close();
    },
  };
};

const journaled = (context: string, row: ReadJournalResponse): JournaledEvent => ({
  id: row.eventId,
  type: row.type,
  context,
  tenant: row.tenant,
  kind: row.kind,
  recordId: row.recordId,
  version: row.version,
  index: row.index,
  count: row.count,
  at: row.commitTime ?? new Date(0),
  recordedAt: row.recordTime ?? new Date(0),
  actor: row.actor,
  ...(row.causedBy !== "" && { causedBy: row.causedBy }),
  ...(row.traceparent !== "" && { traceparent: row.traceparent }),
  data: row.data,
});
