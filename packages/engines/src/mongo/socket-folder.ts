import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** unix(7): a socket's path has at most 107 bytes, of which PostgreSQL's file name takes about 20. */
const LONGEST = 80;
const PREFIX = "keynode-";

const noteIn = (folder: string): string => path.join(folder, "sockets");

/** Removes the socket folder of the server in `folder`, also one that a killed owner left. */
export const removeSocketFolder = (folder: string): void => {
  const note = noteIn(folder);
  try {
    const sockets = readFileSync(note, "utf8");
    if (path.basename(sockets).startsWith(PREFIX)) rmSync(sockets, { recursive: true, force: true });
  } catch {
    // None was made, or another user's folder stands in its place now.
  }
  rmSync(note, { force: true });
};

/** A short folder of our own for the sockets of the server in `folder`, which remembers it. */
export const makeSocketFolder = (folder: string): string => {
  removeSocketFolder(folder);
  const base = tmpdir().length + PREFIX.length + 7 < LONGEST ? tmpdir() : "/tmp";
  const sockets = mkdtempSync(path.join(base, PREFIX));
  writeFileSync(noteIn(folder), sockets);
  return sockets;
};
