import type { Mint } from "@keynode/auth/minter";
import { serviceRights } from "@keynode/auth/service-rights";
import {
  type Access,
  AccessLogServiceService,
  ReadAccessesRequest,
} from "@keynode/contracts/crm/chassis/v1/access_log_service";
import {
  AccessServiceService,
  type ExplainAccessRequest,
  type ExplainAccessResponse,
  type FilterReadableRequest,
  type FilterReadableResponse,
  type GetHandoverResponse,
} from "@keynode/contracts/crm/chassis/v1/access_service";
import {
  JournalServiceService,
  ReadJournalRequest,
  type ReadJournalResponse,
} from "@keynode/contracts/crm/chassis/v1/journal_service";
import type { CustomField_Conversion, CustomField_Impact } from "@keynode/contracts/crm/identity/v1/custom_field";
import {
  CustomValueServiceService,
  type ExamineCustomValuesRequest,
} from "@keynode/contracts/crm/identity/v1/custom_value_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import { grpcClient } from "@keynode/grpc/client";
import { Refusal } from "@keynode/grpc/refusal";
import { RpcError } from "@keynode/grpc/rpc-error";
import type { JournaledEvent, JournalReader } from "@keynode/messaging/consumer";
import { Transient } from "@keynode/messaging/fault";
import type { Journal } from "@keynode/messaging/journal";
import type { AccessLog } from "./access-log.ts";
import type { AwaitChanges } from "./consistency/consistency.ts";
import { readAccesses } from "./chassis/access-log-api.ts";
import { readJournal } from "./chassis/journal-api.ts";

/** Where a peer listens; `UPSTREAMS` names it, or the template with `{service}` in it does. */
export type PeerAddress = (service: string) => string;

/** What one service asks of the others, as itself. */
export type Peers = {
  /** For rebuilds: another service's journal from a place on. */
  readonly readJournal: JournalReader;
  /** Waits until the bus holds every event of another service's changes. */
  readonly awaitChanges: AwaitChanges;
  /** Rows of any service's journal; the own one is read where it lies. */
  journal(
    service: string,
    request: Partial<ReadJournalRequest>,
    signal: AbortSignal,
  ): AsyncIterable<ReadJournalResponse>;
  /** Rows of any service's access log. */
  accesses(service: string, request: Partial<ReadAccessesRequest>, signal: AbortSignal): AsyncIterable<Access>;
  /** How access stands with any service's records; the own service answers without a call. */
  access(service: string): LocalAccess;
  /** The values that another service's records have in custom fields. */
  customValues(service: string): CustomValuesOfPeer;
  close(): void;
};

/** What one service tells of access to its records. */
export type LocalAccess = {
  explain(request: ExplainAccessRequest): Promise<ExplainAccessResponse>;
  /** Asked on the way to a caller's answer, who waits until `deadline` at most. */
  filterReadable(request: FilterReadableRequest, deadline: Date): Promise<FilterReadableResponse>;
  handover(tenant: string, userId: string): Promise<GetHandoverResponse>;
};

/** What identity asks a service about custom values. */
export type CustomValuesOfPeer = {
  examine(request: ExamineCustomValuesRequest): Promise<CustomField_Impact>;
  conversion(tenant: string, customFieldId: string): Promise<CustomField_Conversion | undefined>;
};

/** What a peer answers. Errors: UPSTREAM_UNAVAILABLE when it does not. */
export const unlessAway = async <Answer>(service: string, asking: Promise<Answer>): Promise<Answer | DomainError> => {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof RpcError) return reject("UPSTREAM_UNAVAILABLE", { service });
    throw error;
  }
};

export type PeerOptions = {
  readonly name: string;
  readonly addressOf: PeerAddress;
  readonly mint: Mint;
  readonly journal: Journal;
  readonly accessLog: Pick<AccessLog, "scan">;
  readonly access: () => LocalAccess;
};

/** A rebuild reads a journal from its beginning, which may take this long. */
const rebuildDeadlineMs = 60 * 60_000;
/** A person waits for what is asked about access. */
const askingMs = 3_000;

/** Counting values takes longer. */
const examiningMs = 8_000;

/** A reader that waits gives up earlier. */
const publishDeadlineMs = 3_000;

/** Opens channels to peers when they are first needed; a peer that is down fails that call only. */
export const openPeers = ({ name, addressOf, mint, journal, accessLog, access }: PeerOptions): Peers => {
  const actor = `service:${name}` as const;
  const principal = { tenant: "*", actor, roles: [], teams: [], grants: serviceRights(actor), policyVersion: 0 };
  const optionsOf = (peer: string) => ({
    address: addressOf(peer),
    token: () => mint(principal, peer),
    deadlineMs: rebuildDeadlineMs,
  });
  const journalOf = once((peer: string) => grpcClient(JournalServiceService, optionsOf(peer)));
  const accessOf = once((peer: string) =>
    grpcClient(AccessServiceService, { ...optionsOf(peer), deadlineMs: askingMs }),
  );
  const customValuesOf = once((peer: string) =>
    grpcClient(CustomValueServiceService, { ...optionsOf(peer), deadlineMs: examiningMs }),
  );
  const accessLogOf = once((peer: string) => grpcClient(AccessLogServiceService, optionsOf(peer)));

  return {
    readJournal: async function* (context, { after, types }) {
      const rows = journalOf.get(context).readJournal(
        ReadJournalRequest.fromPartial({
          types: [...(types ?? [])],
          ...(after && { after: { recordTime: after.recordedAt, eventId: after.id } }),
        }),
      );
      try {
        for await (const row of rows) yield journaled(context, row);
      } catch (error) {
        throw new Transient(`the journal of ${context} cannot be read`, { cause: error });
      }
    },
    awaitChanges: async (peer, tenant, changes, signal) => {
      const records = changes.flatMap((change) =>
        "id" in change ? [{ recordId: change.id, version: change.version }] : [],
      );
      const instants = changes.flatMap((change) => ("id" in change ? [] : [change.committedBy.getTime()]));
      const commitTime = instants.length === 0 ? undefined : new Date(Math.max(...instants));
      const deadline = new Date(Date.now() + publishDeadlineMs);
      const asked = journalOf.get(peer).awaitPublished({ tenant, records, commitTime }, { signal, deadline });
      return (await asked).published;
    },
    journal: (service, partial, signal) => {
      const request = ReadJournalRequest.fromPartial(partial);
      return service === name
        ? unrefused(readJournal(name, journal, request, { tenant: "*", signal }))
        : journalOf.get(service).readJournal(request, { signal });
    },
    accesses: (service, partial, signal) => {
      const request = ReadAccessesRequest.fromPartial(partial);
      return service === name
        ? readAccesses(accessLog, request, { signal })
        : accessLogOf.get(service).readAccesses(request, { signal });
    },
    access: (service) => {
      if (service === name) return access();
      const client = accessOf.get(service);
      return {
        explain: (request) => client.explainAccess(request),
        filterReadable: (request, deadline) => client.filterReadable(request, { deadline }),
        handover: (tenant, userId) => client.getHandover({ tenant, userId }),
      };
    },
    customValues: (service) => {
      const client = customValuesOf.get(service);
      return {
        examine: (request) => client.examineCustomValues(request),
        conversion: async (tenant, customFieldId) => (await client.getConversion({ tenant, customFieldId })).conversion,
      };
    },
    close: () => {
      const made = [journalOf, accessLogOf, accessOf, customValuesOf].flatMap((clients) => [...clients.made()]);
      for (const client of made) client.close();
    },
  };
};

/** What is made for each peer when it is first needed. */
const once = <Made>(make: (peer: string) => Made) => {
  const made = new Map<string, Made>();
  return {
    get: (peer: string): Made => {
      const known = made.get(peer) ?? make(peer);
      made.set(peer, known);
      return known;
    },
    made: () => made.values(),
  };
};

async function* unrefused<Row extends object>(rows: AsyncIterable<Row | DomainError>): AsyncGenerator<Row> {
  for await (const row of rows) {
    if (isDomainError(row)) throw new Refusal(row);
    yield row as Row;
  }
}

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
