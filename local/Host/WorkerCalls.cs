using Pipeline.Local.Worker;

namespace Pipeline.Local.Hosting;

/// <summary>Calls functions in the app's process.</summary>
internal sealed class WorkerCalls(AppWorker worker, Settlements settlements, HttpForwarding http)
{
    /// <exception cref="FunctionFailedException">The function failed.</exception>
    /// <exception cref="WorkerLostException">The process ended while it ran.</exception>
    public async Task RunAsync(WorkerFunction function, Invocation invocation)
    {
        // Mostly at once, since the runner has waited; not where the process has ended meanwhile.
        var running = await worker.ReadyAsync(invocation.CancellationToken);
        if (invocation is HttpInvocation request)
        {
            await http.RunAsync(running, function, request);
            return;
        }

        using var settling = invocation is ServiceBusInvocation bus ? settlements.Add(ServiceBusInput.MessagesOf(bus), bus.Actions) : null;
        var response = await running.Link.InvokeAsync(InvocationEncoder.Encode(function, invocation), invocation.CancellationToken);
        FunctionFailedException.ThrowIfFailed(response, invocation.CancellationToken);
    }
}
