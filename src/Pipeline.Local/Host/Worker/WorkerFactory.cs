namespace Pipeline.Local.Hosting;

/// <summary>Makes the worker of a host's app, which connects to the server.</summary>
internal delegate AppWorker WorkerFactory(RpcServer server);
