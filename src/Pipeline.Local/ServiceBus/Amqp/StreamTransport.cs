using System.Buffers;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Transport;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>The bytes of one client, over TCP or a WebSocket, for the AMQP library.</summary>
/// <param name="input">What the client sends.</param>
/// <param name="output">What it is sent; a write ends when the client, or the buffers between, have taken it.</param>
/// <param name="remote">Who it is, for logs.</param>
internal sealed class StreamTransport(Stream input, Stream output, string remote) : TransportBase("stream")
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Task _writing = Task.CompletedTask;

    public override string LocalEndPoint => "";

    public override string RemoteEndPoint => remote;

    /// <summary>Ends a client that takes too long until its connection is open.</summary>
    public Timer? Patience { get; set; }

    /// <summary>Ends with the connection.</summary>
    public Task Ended => _closed.Task;

    /// <summary>The write that is under way: until it ends, nobody should add to what waits to be written.</summary>
    public Task Writing => _writing;

    public override void SetMonitor(ITransportMonitor usageMeter)
    {
    }

    public override bool ReadAsync(TransportAsyncCallbackArgs args)
    {
        // Who does not read what it is sent is not read from: its requests would pile up as replies.
        if (_writing is { IsCompleted: false } writing)
        {
            _ = ReadAfterAsync(args, writing);
            return true;
        }

        var read = input.ReadAsync(args.Buffer.AsMemory(args.Offset, args.Count));
        if (!read.IsCompletedSuccessfully)
        {
            _ = ReadAsync(args, read);
            return true;
        }

        args.BytesTransfered = read.Result;
        args.Exception = null;
        args.CompletedSynchronously = true;
        return false;
    }

    public override bool WriteAsync(TransportAsyncCallbackArgs args)
    {
        var write = WriteAllAsync(args);
        if (!write.IsCompletedSuccessfully)
        {
            _writing = FinishWriteAsync(args, write);
            return true;
        }

        args.BytesTransfered = args.Count;
        args.Exception = null;
        args.CompletedSynchronously = true;
        return false;
    }

    protected override bool CloseInternal()
    {
        _closed.TrySetResult();
        return true;
    }

    protected override void AbortInternal() => _closed.TrySetResult();

    private async Task ReadAfterAsync(TransportAsyncCallbackArgs args, Task writing)
    {
        await writing.ConfigureAwait(false);
        await ReadAsync(args, input.ReadAsync(args.Buffer.AsMemory(args.Offset, args.Count))).ConfigureAwait(false);
    }

    private static async Task ReadAsync(TransportAsyncCallbackArgs args, ValueTask<int> read)
    {
        args.Exception = null;
        try
        {
            args.BytesTransfered = await read.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            args.Exception = error;
        }

        args.CompletedSynchronously = false;
        args.CompletedCallback(args);
    }

    private static async Task FinishWriteAsync(TransportAsyncCallbackArgs args, Task write)
    {
        args.Exception = null;
        try
        {
            await write.ConfigureAwait(false);
            args.BytesTransfered = args.Count;
        }
        catch (Exception error)
        {
            args.Exception = error;
        }

        args.CompletedSynchronously = false;
        args.CompletedCallback?.Invoke(args);
    }

    private async Task WriteAllAsync(TransportAsyncCallbackArgs args)
    {
        if (args.Buffer is not null)
        {
            await output.WriteAsync(args.Buffer.AsMemory(args.Offset, args.Count)).ConfigureAwait(false);
            return;
        }

        var joined = ArrayPool<byte>.Shared.Rent(args.Count);
        var length = 0;
        foreach (var buffer in args.ByteBufferList)
        {
            Buffer.BlockCopy(buffer.Buffer, buffer.Offset, joined, length, buffer.Length);
            length += buffer.Length;
        }

        await output.WriteAsync(joined.AsMemory(0, length)).ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(joined);
    }
}
