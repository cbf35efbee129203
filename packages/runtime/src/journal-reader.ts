import type { JournalReader } from "@keynode/messaging/consumer";
import { type Journal, recordedRow } from "@keynode/messaging/journal";

/** Reads the journals of all contexts: the service's own where it lies, the others' by asking their services. */
export const journalReader = (name: string, own: Journal, others: JournalReader): JournalReader => {
  const readOwn: JournalReader = async function* (context, scan) {
    for await (const row of own.scan(scan)) yield { ...recordedRow(context, row), recordedAt: row.recordedAt };
  };
  return (context, scan) => (context === name ? readOwn(context, scan) : others(context, scan));
};
