import { type Channel, connectivityState } from "@grpc/grpc-js";
import { openChannel } from "@keynode/grpc/channel";

export type UpstreamOptions = {
  /** `host:port` or any grpc-js target of a service. */
  readonly addressOf: (service: string) => string;
  /** How long a call waits for a connection before the service counts as down. */
  readonly connectWaitMs: number;
};

/** Channels to the services, each opened when first needed and kept. */
export type Upstreams = {
  readonly channel: (service: string) => Channel;
  /** A channel that is connected, or undefined when the service cannot be reached within the wait. */
  readonly connected: (service: string) => Channel | Promise<Channel | undefined>;
  readonly close: () => void;
};

/** Answers may be larger than requests: a page of 1,000 rows. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export const createUpstreams = ({ addressOf, connectWaitMs }: UpstreamOptions): Upstreams => {
  const channels = new Map<string, Channel>();

  const channelTo = (service: string): Channel => {
    const known = channels.get(service);
    if (known) return known;
    const channel = openChannel(addressOf(service), MAX_MESSAGE_BYTES);
    channels.set(service, channel);
    return channel;
  };

  return {
    channel: channelTo,
    connected: (service) => {
      const channel = channelTo(service);
      // Asking also wakes a channel that fell idle.
      if (channel.getConnectivityState(true) === connectivityState.READY) return channel;
      return awaitReady(channel, Date.now() + connectWaitMs);
    },
    close: () => {
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
};

/** Waits while the channel connects; one that failed to is left to its own backoff and not waited for. */
const awaitReady = async (channel: Channel, untilMs: number): Promise<Channel | undefined> => {
  for (;;) {
    const state = channel.getConnectivityState(true);
    if (state === connectivityState.READY) return channel;
    if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN) return undefined;
    const changed = await new Promise<boolean>((resolve) => {
      channel.watchConnectivityState(state, untilMs, (timeout) => resolve(timeout === undefined));
    });
    if (!changed) return undefined;
  }
};
