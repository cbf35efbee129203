import path from "node:path";
import type { Program } from "../../launch/supervisor.ts";

/** The stand-in for a service as the supervisor starts it. */
export const workload = ({
  behaviour,
  logFile,
  file = "",
}: {
  behaviour: string;
  logFile: string;
  file?: string;
}): Program => ({
  name: "workload",
  args: [path.join(import.meta.dirname, "workload.mjs"), behaviour, file],
  env: { PATH: process.env["PATH"] ?? "" },
  cwd: import.meta.dirname,
  logFile,
});
