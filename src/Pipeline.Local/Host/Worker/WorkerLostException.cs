namespace Pipeline.Local.Hosting;

/// <summary>The app's process, or the connection to it, ended before it answered. What it was running counts as failed.</summary>
internal sealed class WorkerLostException(string message) : Exception(message);
