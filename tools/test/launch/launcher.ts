/** Run as a process of its own: supervises one workload until it is killed. Arguments: the behaviour, the log file, a file. */
import { supervise } from "../../launch/supervisor.ts";
import { workload } from "./workload.ts";

const [, , behaviour = "", logFile = "", file = ""] = process.argv;
const supervised = supervise(workload({ behaviour, logFile, file }), { log: () => {} });
setInterval(() => {
  const pid = supervised.pid();
  if (pid !== undefined) process.stdout.write(`${pid}\n`);
}, 50);
