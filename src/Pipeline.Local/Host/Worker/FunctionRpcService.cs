using Grpc.Core;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>Takes the streams of workers: each first says which one it is.</summary>
internal sealed class FunctionRpcService(ExpectedWorkers workers) : FunctionRpc.FunctionRpcBase
{
    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken))
            return;
        var first = requestStream.Current;
        var link = first.ContentCase == StreamingMessage.ContentOneofCase.StartStream ? workers.Find(first.StartStream.WorkerId) : null;
        if (link is null)
            throw new Grpc.Core.RpcException(new Status(StatusCode.PermissionDenied, "This host expects no such worker."));
        await link.ServeAsync(requestStream, responseStream, context.CancellationToken);
    }
}
