using Microsoft.Extensions.Configuration;
using NCrontab;

namespace Pipeline.Local.Hosting;

/// <summary>Runs a function on a schedule.</summary>
internal sealed class TimerFunctionTrigger : FunctionTrigger
{
    private readonly CrontabSchedule? _crontab;
    private readonly TimeSpan _interval;
    private readonly bool _usesMonitor;

    public TimerFunctionTrigger(RawBinding binding, IConfiguration configuration)
    {
        var text = Settings.Resolve(configuration, binding.Text("schedule")) ?? "";
        Description = $"timer {text}";
        RunOnStartup = binding.Flag("runOnStartup") ?? false;
        _usesMonitor = binding.Flag("useMonitor") ?? true;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _interval))
        {
            if (_interval <= TimeSpan.Zero)
                throw new StartupException($"the schedule '{text}' is not longer than zero.");
            return;
        }

        var seconds = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6;
        _crontab = CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = seconds })
            ?? throw new StartupException($"the schedule '{text}' is neither an NCRONTAB expression nor a duration.");
    }

    public override bool SupportsRetry => true;

    public override string Description { get; }

    public bool RunOnStartup { get; }

    /// <summary>Whether the last run is remembered.</summary>
    public bool IsMonitored => _usesMonitor && !IsFrequent;

    private bool IsFrequent
    {
        get
        {
            if (_crontab is null)
                return _interval < TimeSpan.FromMinutes(1);
            var first = _crontab.GetNextOccurrence(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            return _crontab.GetNextOccurrence(first) - first < TimeSpan.FromMinutes(1);
        }
    }

    /// <summary>The first occurrence after a time, in UTC.</summary>
    public DateTime NextAfter(DateTime utc) => _crontab?.GetNextOccurrence(utc) ?? utc + _interval;

    public override ITriggerListener Listen(HostedFunction function, ListenerServices services) =>
        new TimerListener(function, this, services);
}
