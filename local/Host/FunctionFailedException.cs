using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>What a function threw in the app's process: its type, message and stack as the worker tells them.</summary>
internal sealed class FunctionFailedException : Exception
{
    private const string CancelledName = "System.OperationCanceledException";
    private const string TaskCancelledName = "System.Threading.Tasks.TaskCanceledException";

    private readonly string _stack;

    private FunctionFailedException(string type, string message, string stack)
        : base(type.Length == 0 ? message : $"{type}: {message}") => _stack = stack;

    /// <summary>The stack in the app.</summary>
    public override string? StackTrace => _stack.Length == 0 ? base.StackTrace : _stack;

    public override string ToString() => _stack.Length == 0 ? Message : Message + Environment.NewLine + _stack;

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

    public static FunctionFailedException Of(StatusResult? result) => result?.Exception is { } thrown
        ? new FunctionFailedException(thrown.Type, thrown.Message, thrown.StackTrace)
        : new FunctionFailedException("", result?.Result is { Length: > 0 } text ? text : "The worker reports a failure without saying which.", "");
}
