using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>
/// The connection to one worker: what it is asked, what it runs, and what it says. Once lost it stays so; everything open then fails.
/// </summary>
/// <param name="workerId">Under which the worker connects.</param>
/// <param name="onLog">Gets what it logs.</param>
/// <param name="onEnd">Called when the link is lost, before anything that was open fails.</param>
internal sealed class WorkerLink(string workerId, Action<RpcLog> onLog, Action<WorkerLink> onEnd)
{
    // Holds no more than the triggers have running and the loads of one start: each waits for its answer.
    private readonly Channel<StreamingMessage> _outgoing = Channel.CreateUnbounded<StreamingMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _questions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<InvocationResponse>> _running = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _served;
    private long _asked;

    public string WorkerId => workerId;

    /// <summary>Completes when the worker has connected.</summary>
    public Task Connected => _connected.Task;

    /// <summary>Completes when the connection has ended, or never came about and is not waited for any longer.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Serves the stream until either side ends it.</summary>
    public async Task ServeAsync(
        IAsyncStreamReader<StreamingMessage> incoming, IServerStreamWriter<StreamingMessage> outgoing, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _served, 1) != 0)
            throw new Grpc.Core.RpcException(new Status(StatusCode.AlreadyExists, "This worker is connected already."));
        _connected.TrySetResult();
        var writing = WriteAsync(outgoing);
        try
        {
            while (await incoming.MoveNext(cancellationToken))
                Receive(incoming.Current);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            // A worker that ends, orderly or not, breaks its stream.
        }
        finally
        {
            End();
            await writing;
        }
    }

    /// <summary>Sends a request and waits for the response of its kind.</summary>
    /// <exception cref="WorkerLostException">The worker ended first.</exception>
    public Task<StreamingMessage> AskAsync(StreamingMessage request)
    {
        request.RequestId = Interlocked.Increment(ref _asked).ToString(CultureInfo.InvariantCulture);
        return SendAsync(request.RequestId, request, _questions);
    }

    /// <summary>Runs a function. When the token is set, the function's token is set too; its end is waited for all the same.</summary>
    /// <exception cref="WorkerLostException">The worker ended first.</exception>
    public async Task<InvocationResponse> InvokeAsync(InvocationRequest request, CancellationToken cancellation)
    {
        var answer = SendAsync(request.InvocationId, new StreamingMessage { InvocationRequest = request }, _running);
        await using var registration = cancellation.Register(() => _outgoing.Writer.TryWrite(
            new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = request.InvocationId } }));
        return await answer;
    }

    /// <summary>Asks the worker to end.</summary>
    public void Terminate(TimeSpan grace) => _outgoing.Writer.TryWrite(
        new StreamingMessage { WorkerTerminate = new WorkerTerminate { GracePeriod = Duration.FromTimeSpan(grace) } });

    /// <summary>Nothing more is sent or awaited.</summary>
    public void End()
    {
        _outgoing.Writer.TryComplete();
        onEnd(this);
        _lost.TrySetResult();
        Fail(_questions);
        Fail(_running);
    }

    private Task<T> SendAsync<T>(string id, StreamingMessage message, ConcurrentDictionary<string, TaskCompletionSource<T>> waiting)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[id] = answer;

        // Looked at after it was added: either this sees the end, or the end sees it.
        if (!_outgoing.Writer.TryWrite(message) || _lost.Task.IsCompleted)
            Fail(waiting);
        return answer.Task;
    }

    private static void Fail<T>(ConcurrentDictionary<string, TaskCompletionSource<T>> waiting)
    {
        foreach (var id in waiting.Keys)
        {
            if (waiting.TryRemove(id, out var answer))
                answer.TrySetException(new WorkerLostException("The app's process ended, or was ended, while it ran this."));
        }
    }

    private async Task WriteAsync(IServerStreamWriter<StreamingMessage> outgoing)
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync())
                await outgoing.WriteAsync(message);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The stream is broken; its reader sees that too and ends the link.
        }
    }

    private void Receive(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.InvocationResponse:
                if (_running.TryRemove(message.InvocationResponse.InvocationId, out var running))
                    running.TrySetResult(message.InvocationResponse);
                break;
            case StreamingMessage.ContentOneofCase.RpcLog:
                onLog(message.RpcLog);
                break;
            case StreamingMessage.ContentOneofCase.None:
                // How the .NET worker acknowledges a cancellation and the request to end.
                break;
            default:
                if (_questions.TryRemove(message.RequestId, out var question))
                    question.TrySetResult(message);
                break;
        }
    }
}
