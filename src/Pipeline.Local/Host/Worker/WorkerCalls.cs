
namespace Pipeline.Local.Hosting;

/// <summary>Calls the app's functions.</summary>
internal sealed class WorkerCalls(AppWorker worker, Settlements settlements, HttpForwarding http)
{
    /// <summary>Waits until functions can be called.</summary>
    public Task<RunningWorker> ReadyAsync(CancellationToken cancellationToken) => worker.ReadyAsync(cancellationToken);

    /// <summary>A function has taken too long, and was told so.</summary>
    public void TimedOut(HostedFunction function) => worker.TimedOut(function.Name);

    /// <exception cref="FunctionFailedException">The function failed.</exception>
    /// <exception cref="WorkerLostException">The process ended while it ran.</exception>
    public async Task RunAsync(RunningWorker running, Invocation invocation)
    {
        if (invocation is HttpInvocation request)
        {
            await http.RunAsync(running, request);
            return;
        }

        var bus = invocation as ServiceBusInvocation;
        if (bus is not null)
            settlements.Add(bus);
        try
        {
            var response = await running.Link.InvokeAsync(InvocationEncoder.Encode(invocation), invocation.CancellationToken);
            FunctionFailedException.ThrowIfFailed(response, invocation.CancellationToken);
        }
        finally
        {
            if (bus is not null)
                settlements.Remove(bus);
        }
    }
}
