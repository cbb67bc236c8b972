namespace Pipeline.Testing.Faults;

/// <summary>The simulated process has died. Everything it still tries to do fails the same way.</summary>
internal sealed class CrashException() : Exception("The process was killed here.");
