import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { Host } from "./host.ts";
import { contextSubjects, streamName } from "./subject.ts";

const nanos = (ms: number): number => ms * 1_000_000;

/** The least time in which the broker drops a repeated event id; consumers bear repeats after it. */
const duplicateWindowMs = 2 * 60_000;

/** Events stay this long; a consumer that was away longer back-fills from the journal. */
const retentionMs = 7 * 24 * 3_600_000;

const desired = (context: string, replicas: number | undefined) =>
  ({
    name: streamName(context),
    description: `events of ${context}`,
    subjects: [contextSubjects(context)],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(retentionMs),
    duplicate_window: nanos(duplicateWindowMs),
    ...(replicas !== undefined && { num_replicas: replicas }),
    allow_atomic: true,
    allow_direct: true,
  }) satisfies Partial<StreamConfig>;

/**
 * Makes a context's stream, or brings an existing one to this configuration; a repeat changes nothing. Where the process
 * may not do that, production having made its streams out of band, it warns and takes the stream as it is.
 * Without `replicas` an existing stream keeps its number of copies. Answers undefined if the stream is not there and
 * could not be made. Rejects only if the broker did not answer.
 */
export const ensureStream = async (
  manager: JetStreamManager,
  context: string,
  { log }: Pick<Host, "log">,
  replicas?: number,
): Promise<StreamInfo | undefined> => {
  const config = desired(context, replicas);
  const existing = await streamInfo(manager, config.name);
  if (existing && matches(existing.config, config)) return existing;
  try {
    return existing
      ? await manager.streams.update(config.name, { ...existing.config, ...config })
      : await manager.streams.add(config);
  } catch (error) {
    // A race with another replica, a forbidden api subject (a permission error or silence), or a server that refuses the change.
    log.warn({ stream: config.name, err: error }, existing ? "stream is left as it is" : "stream cannot be made here");
    return existing ?? (await streamInfo(manager, config.name));
  }
};

/** The stream's state, or undefined if there is no such stream. */
export const streamInfo = async (manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> => {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  }
};

const matches = (have: StreamConfig, want: ReturnType<typeof desired>): boolean =>
  Object.entries(want).every(
    ([key, value]) => JSON.stringify(have[key as keyof StreamConfig]) === JSON.stringify(value),
  );
