using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>What an app logs, in the host's own log under the app's categories, so that host.json's levels hold for it.</summary>
internal sealed class WorkerLogs(ILoggerFactory logs)
{
    public void Write(RpcLog entry)
    {
        if (entry.LogCategory == RpcLog.Types.RpcLogCategory.CustomMetric || entry.Level == RpcLog.Types.Level.None)
            return;
        var level = (LogLevel)entry.Level;

        // Of the worker itself only what went wrong.
        if (entry.LogCategory == RpcLog.Types.RpcLogCategory.System && level < LogLevel.Warning)
            return;
        var log = logs.CreateLogger(entry.Category.Length == 0 ? "Host.Function" : entry.Category);
        if (!log.IsEnabled(level))
            return;
        // An exception's message is all of it here, with type and stack.
        if (entry.Exception is { } thrown)
            log.Log(level, "{Message}\n{Exception}", entry.Message, thrown.Message);
        else
            log.Log(level, "{Message}", entry.Message);
    }
}
