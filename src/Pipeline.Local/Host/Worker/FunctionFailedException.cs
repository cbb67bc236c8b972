using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>What a function threw in the app's process. The stack is in what the worker has logged of it.</summary>
internal sealed class FunctionFailedException : Exception
{
    private const string CancelledName = "System.OperationCanceledException";
    private const string TaskCancelledName = "System.Threading.Tasks.TaskCanceledException";

    private FunctionFailedException(string message)
        : base(message)
    {
    }

    public override string ToString() => Message;

    /// <exception cref="FunctionFailedException">The function failed.</exception>
    /// <exception cref="OperationCanceledException">The function gave up because it was asked to.</exception>
    public static void ThrowIfFailed(InvocationResponse response, CancellationToken cancellation)
    {
        if (response.Result?.Status == StatusResult.Types.Status.Success)
            return;
        var failure = Of(response.Result);
        var gaveUp = response.Result?.Status == StatusResult.Types.Status.Cancelled || response.Result?.Exception?.Type is CancelledName or TaskCancelledName;
        if (gaveUp && cancellation.IsCancellationRequested)
            throw new OperationCanceledException(failure.Message, failure, cancellation);
        throw failure;
    }

    public static FunctionFailedException Of(StatusResult? result) => new(
        result?.Exception is { } thrown ? (thrown.Type.Length == 0 ? thrown.Message : $"{thrown.Type}: {thrown.Message}")
        : result?.Result is { Length: > 0 } text ? text
        : "The worker reports a failure without saying which.");
}
