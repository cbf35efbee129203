import { performance } from "node:perf_hooks";
import type { Meter } from "@opentelemetry/api";

/** Observes the process itself whenever metrics are collected: CPU, memory and how busy the event loop is. */
export const observeProcess = (meter: Meter): void => {
  meter
    .createObservableCounter("process.cpu.time", { unit: "s", description: "CPU seconds used by the process" })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / 1e6, { "cpu.mode": "user" });
      result.observe(system / 1e6, { "cpu.mode": "system" });
    });
  meter
    .createObservableGauge("process.memory.usage", { unit: "By", description: "Resident memory of the process" })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  let last = performance.eventLoopUtilization();
  meter
    .createObservableGauge("nodejs.eventloop.utilization", {
      unit: "1",
      description: "Busy part of the event loop's time",
    })
    .addCallback((result) => {
      const now = performance.eventLoopUtilization();
      result.observe(performance.eventLoopUtilization(now, last).utilization);
      last = now;
    });
};
