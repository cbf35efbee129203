import { createHash } from "node:crypto";
import { connect } from "node:net";
import { greetMongo } from "./mongo/greet.ts";
import { type NatsUser, natsConfig } from "./nats/config.ts";
import { greetNats } from "./nats/greet.ts";
import { choosePort } from "./port.ts";
import type { Launch, Setup, Source } from "./server.ts";

const PROBE_TIMEOUT_MS = 2_000;
const START_TIMEOUT_MS = 5 * 60_000;
const MONGO_IMAGE = "mongo:8.0";
const NATS_IMAGE = "nats:2.12-alpine";

const answers = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const tcp = /^tcp:\/\/(.+):(\d+)$/.exec(address);
    const socket =
      tcp === null
        ? connect({ path: address, timeout: PROBE_TIMEOUT_MS })
        : connect({ host: tcp[1] ?? "", port: Number(tcp[2]), timeout: PROBE_TIMEOUT_MS });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });

type Image = {
  readonly image: string;
  readonly port: number;
  readonly volumeTarget: string;
  readonly command: string[];
  readonly files: { content: string; target: string; mode: number }[];
  readonly greet: (port: number) => Promise<{ url: string; version: string }>;
};

/** Data lies in a volume named after the data folder, so it outlives the container and is found again. */
const launchContainer =
  (
    { image, port: containerPort, volumeTarget, command, files, greet }: Image,
    { folder, port: wanted, temporary }: Setup,
  ): Launch =>
  async () => {
    const { GenericContainer, getContainerRuntimeClient, Wait } = await import("testcontainers");
    // The library publishes on every interface, and these servers ask for no password.
    class LoopbackContainer extends GenericContainer {
      protected override async beforeContainerCreated(): Promise<void> {
        const bindings: { HostIp?: string }[][] = Object.values(this.hostConfig.PortBindings ?? {});
        for (const binding of bindings.flat()) binding.HostIp = "127.0.0.1";
      }
    }
    const host = await choosePort(wanted === undefined ? {} : { wanted });
    const volume = `keynode-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
    const container = await new LoopbackContainer(image)
      .withExposedPorts({ container: containerPort, host })
      .withBindMounts([{ source: volume, target: volumeTarget }])
      .withCommand(command)
      .withCopyContentToContainer(files)
      .withWaitStrategy(Wait.forListeningPorts())
      .withStartupTimeout(START_TIMEOUT_MS)
      .start();
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const handle = dockerode.getContainer(container.getId());
    const remove = async () => {
      await container.stop({ timeout: 30_000 });
    };
    const stop = async () => {
      await remove();
      if (temporary) await dockerode.getVolume(volume).remove();
    };
    try {
      return {
        ...(await greet(host)),
        ended: handle.wait().then(() => {}),
        stop,
        kill: async () => {
          await handle.kill({ signal: "SIGKILL" });
          await remove();
        },
      };
    } catch (error) {
      await stop();
      throw error;
    }
  };

const inDocker = (addresses: readonly string[], image: Image, setup: Setup): Source => ({
  kind: `${image.image} in Docker`,
  family: "docker",
  prepare: async () => {
    const answering = await Promise.all(addresses.map(answers));
    if (!answering.includes(true)) throw new Error(`no container runtime answers at ${addresses.join(", ")}`);
    return launchContainer(image, setup);
  },
});

export const mongoInDocker = (setup: Setup, addresses: readonly string[]): Source =>
  inDocker(
    addresses,
    {
      image: MONGO_IMAGE,
      port: 27_017,
      volumeTarget: "/data/db",
      command: ["mongod", "--bind_ip_all"],
      files: [],
      greet: async (port) => {
        const url = `mongodb://127.0.0.1:${port}/?retryWrites=false`;
        return { url, version: await greetMongo(url, 30_000) };
      },
    },
    setup,
  );

export const natsInDocker = (setup: Setup, addresses: readonly string[], users: readonly NatsUser[]): Source =>
  inDocker(
    addresses,
    {
      image: NATS_IMAGE,
      port: 4222,
      volumeTarget: "/data",
      command: ["--config", "/etc/nats/keynode.conf"],
      files: [
        {
          content: natsConfig({ host: "0.0.0.0", port: 4222, storeFolder: "/data", temporary: setup.temporary, users }),
          target: "/etc/nats/keynode.conf",
          mode: 0o600,
        },
      ],
      greet: async (port) => {
        const url = `nats://127.0.0.1:${port}`;
        return { url, version: (await greetNats(url, 30_000)).version };
      },
    },
    setup,
  );
