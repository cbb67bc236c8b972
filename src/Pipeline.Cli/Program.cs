using System.Runtime.InteropServices;
using Pipeline.Cli;

// Ctrl+C and similar signals cancel; commands end in order (a started pipeline is stopped, the cursor is restored).
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

return await CommandLine.RunAsync(args, Terminal.OfProcess(), TimeProvider.System, stop.Token, Environment.GetEnvironmentVariable(FunctionKeyOption.EnvironmentVariable));
