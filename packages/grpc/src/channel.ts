import { type Channel, Channel as GrpcChannel, type ChannelOptions, credentials } from "@grpc/grpc-js";

const OPTIONS: ChannelOptions = {
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  // A service that restarts is found again at once, rather than after grpc-js's usual second and more.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
  "grpc.enable_channelz": 0,
  // A headless Kubernetes service answers with every pod's address.
  "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
};

/** A channel to one service, spread over all its addresses; `address` is `host:port`, `dns:///…` or `unix:…`. */
export const openChannel = (address: string, maxMessageBytes: number): Channel =>
  new GrpcChannel(address, credentials.createInsecure(), {
    ...OPTIONS,
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
