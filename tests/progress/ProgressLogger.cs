using System.Diagnostics;
using Microsoft.VisualStudio.TestPlatform.ObjectModel;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Client;

namespace Pipeline.Progress;

/// <summary>Says which project's tests have begun and, every 15 seconds, how far they are. tests.runsettings turns it on.</summary>
[FriendlyName("progress")]
[ExtensionUri("logger://pipeline/progress")]
public sealed class ProgressLogger : ITestLogger
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly Stopwatch _time = new();
    private readonly List<string> _latest = [];
    private Timer? _timer;
    private string _project = "";
    private int _passed;
    private int _failed;

    /// <inheritdoc/>
    public void Initialize(TestLoggerEvents events, string testRunDirectory)
    {
        ArgumentNullException.ThrowIfNull(events);
        events.TestRunStart += (_, run) => Start(run.TestRunCriteria);
        events.TestResult += (_, result) => Note(result.Result);
        events.TestRunComplete += (_, _) => _timer?.Dispose();
    }

    private void Start(TestRunCriteria run)
    {
        _time.Start();
        _project = string.Join(", ", (run.Sources ?? []).Select(Path.GetFileNameWithoutExtension));
        Console.Out.WriteLine(run.TestCaseFilter is null ? $"Running {_project}" : $"Running {run.TestCaseFilter} of {_project}");
        _timer = new Timer(_ => Tell(), null, Pause, Pause);
    }

    private void Note(TestResult result)
    {
        lock (_lock)
        {
            _passed += result.Outcome == TestOutcome.Passed ? 1 : 0;
            _failed += result.Outcome == TestOutcome.Failed ? 1 : 0;
            var name = result.TestCase.FullyQualifiedName.Split('(')[0].Split('.');
            var type = name.Length > 1 ? name[^2] : name[0];
            _latest.Remove(type);
            _latest.Add(type);
        }
    }

    private void Tell()
    {
        lock (_lock)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {_time.Elapsed:m\\:ss}  {_project}: {_passed} passed, {_failed} failed; now at {string.Join(", ", _latest.TakeLast(3).DefaultIfEmpty("the first"))}"));
            _latest.Clear();
        }
    }
}
